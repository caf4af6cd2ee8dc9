import type { Resolver } from 'node:dns/promises';
import type { Agent } from 'node:https';
import { request } from 'node:https';
import { connect } from 'node:net';

/** How the autopilot reaches what clients reach: resolver, TLS and the port of HTTPS. Tests bring their own. */
export interface Network {
  readonly resolver: Resolver;
  readonly agent: Agent;
  readonly httpsPort: number;
}

/** How long an address may take to answer, in milliseconds: several round trips around the world, and well within a round. */
const answerMs = 2000;

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * Where the public failover name leads: the witness of ADR 0004, asked of DNS and never of Route 53's API.
 * @throws when DNS is silent, or names neither region
 */
export async function lookAtWitness(
  { resolver }: Pick<Network, 'resolver'>,
  publicName: string,
  names: { readonly own: string; readonly peer: string },
): Promise<'own' | 'peer'> {
  const [answer = ''] = await resolver.resolveCname(publicName);
  if (plain(answer) === plain(names.own)) return 'own';
  if (plain(answer) === plain(names.peer)) return 'peer';
  throw new TypeError(`${publicName} leads to ${answer}`);
}

/**
 * Whether a name answers a path with 2xx or 3xx, as Route 53 counts it; one of its addresses is enough.
 * @throws when the name has no address: that is DNS's silence and not the region's
 */
export async function serves(
  network: Network,
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const statuses = await statusesOf(network, name, path, signal);
  return statuses.some((status) => status >= 200 && status <= 399);
}

/** Whether anything behind a name answers HTTPS at all. @throws when the name has no address */
export async function answers(network: Network, name: string, signal: AbortSignal): Promise<boolean> {
  return (await statusesOf(network, name, '/', signal)).length > 0;
}

async function statusesOf(
  { resolver, agent, httpsPort: port }: Network,
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const addresses = await resolver.resolve4(name);
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  const asked = addresses.map(
    (host) =>
      new Promise<number>((resolve, reject) => {
        const options = {
          host,
          port,
          path,
          servername: name,
          headers: { host: name },
          agent,
          signal: inTime,
        };
        const outgoing = request(options, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        outgoing.on('error', reject);
        outgoing.end();
      }),
  );
  const settled = await Promise.allSettled(asked);
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** Of PostgreSQL's protocol: "SSLRequest", Message Formats, PostgreSQL documentation. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Whether a PostgreSQL server takes connections: it answers the question whether it speaks TLS with one byte. Needs no user,
 * and a listening socket whose server hangs does not count.
 * @throws when the name has no address
 */
export async function databaseAnswers(
  { resolver }: Pick<Network, 'resolver'>,
  { address, port }: { readonly address: string; readonly port: number },
  signal: AbortSignal,
): Promise<boolean> {
  const [host] = await resolver.resolve4(address);
  return new Promise((resolve) => {
    let answered = false;
    const socket = connect({ host, port, signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
    socket.once('connect', () => socket.write(sslRequest));
    socket.once('data', () => {
      answered = true;
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', () => resolve(answered));
  });
}
