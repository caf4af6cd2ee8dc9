import { request } from 'node:http';
import { connect } from 'node:net';
import type { EndpointCheck } from './synthesized';

/** How long Route 53 waits, in milliseconds, and how far it reads ("How Amazon Route 53 determines whether a health check is healthy"). */
const tcpConnectMs = 10_000;
const httpConnectMs = 4_000;
const statusMs = 2_000;
const bodyMs = 2_000;
const searchedBytes = 5_120;

/**
 * Asks an endpoint once, at an address of its name: did it pass? `endpointPort` stands for 443, and HTTPS is asked
 * without TLS, so that certificates and handshakes are left out (Route 53 does not validate certificates either).
 */
export async function probeEndpoint(
  check: EndpointCheck,
  address: string | undefined,
  endpointPort: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (address === undefined) return false;
  const port = check.port === 443 ? endpointPort : check.port;
  if (check.type === 'TCP') return probeTcp(address, port, signal);
  const standard = check.type.startsWith('HTTPS') ? 443 : 80;
  const name = check.fqdn ?? address;
  return probeHttp({
    address,
    port,
    host: check.port === standard ? name : `${name}:${check.port}`,
    path: check.resource_path,
    searchString: check.search_string,
    signal,
  });
}

interface HttpProbe {
  readonly address: string;
  readonly port: number;
  /** The Host header. */
  readonly host: string;
  readonly path: string;
  readonly searchString: string | undefined;
  readonly signal: AbortSignal;
}

/** A connection within 4 s, 2xx or 3xx within 2 s more, the body or its first 5,120 bytes within another 2 s. */
function probeHttp({ searchString, signal, ...target }: HttpProbe): Promise<boolean> {
  return new Promise((resolve) => {
    let passed = false;
    const asked = request({
      host: target.address,
      port: target.port,
      path: target.path,
      headers: { host: target.host },
      agent: false,
      signal,
    });
    const decide = (verdict: boolean) => {
      passed = verdict;
      asked.destroy();
    };
    let timer = setTimeout(decide, httpConnectMs, false);
    const allow = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(decide, ms, false);
    };
    asked.once('socket', (socket) => socket.once('connect', () => allow(statusMs)));
    asked.once('response', (response) => {
      const status = response.statusCode ?? 0;
      const accepted = status >= 200 && status <= 399;
      if (!accepted || searchString === undefined) {
        decide(accepted);
        return;
      }
      allow(bodyMs);
      let body = Buffer.alloc(0);
      const search = () => decide(body.subarray(0, searchedBytes).includes(searchString));
      response.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]);
        if (body.length >= searchedBytes) search();
      });
      response.once('end', search);
      response.once('error', () => decide(false));
    });
    asked.on('error', () => decide(false));
    asked.once('close', () => {
      clearTimeout(timer);
      resolve(passed);
    });
    asked.end();
  });
}

/** A connection within 10 s. */
function probeTcp(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let passed = false;
    const socket = connect({ host: address, port, signal });
    const timer = setTimeout(() => socket.destroy(), tcpConnectMs);
    socket.once('connect', () => {
      passed = true;
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(passed);
    });
  });
}
