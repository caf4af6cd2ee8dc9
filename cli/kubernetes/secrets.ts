import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { KubernetesEnvironment } from '../../environments';
import type { Clusters } from '../../environments/clusters';
import { kubectl } from '../../lib/command';
import { namespace } from '../../lib/in-cluster';
import { controlToken } from '../dns';

type Data = Readonly<Record<string, string>>;

/** What regions share, by the name of the Secret that holds it. */
const secretsOf = (
  environment: KubernetesEnvironment,
): readonly { readonly name: string; readonly make: () => Data | Promise<Data> }[] => [
  {
    name: 'postgres-passwords',
    make: () => ({ tandem: newPassword(), replicator: newPassword(), autopilot: newPassword() }),
  },
  {
    name: 'postgres-tls',
    make: () => newCertificate(['postgres', 'pgbouncer', 'localhost']),
  },
  { name: 'name-server', make: () => ({ token: controlToken(environment) }) },
  ...(environment.cache.replicated ? [{ name: 'valkey-tls', make: () => newCertificate(['valkey']) }] : []),
];

async function newCertificate(names: readonly string[]): Promise<Data> {
  // Only here: loading what makes certificates takes longer than most commands do.
  const { makeCertificate } = await import('./certificate');
  return { ...(await makeCertificate(names)) };
}

/** Part of a URL without escapes. */
const newPassword = (): string => randomBytes(24).toString('hex');

const secretData = z.object({ data: z.record(z.string(), z.base64()) });

/**
 * Sees to the same secrets in both regions: makes what neither has, and gives a region what only its peer has. They pass from
 * here to the clusters and nowhere else, no file and no state, but for the name server's token, which it reads here.
 * @returns a line for each that was missing
 * @throws TandemError CommandMissing, CommandFailed
 */
export async function ensureSecrets(
  environment: KubernetesEnvironment,
  clusters: Clusters,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const regions = Object.entries(clusters.regions);
  const done: string[] = [];
  for (const { name, make } of secretsOf(environment)) {
    const found = await Promise.all(
      regions.map(async ([region, { context }]) => {
        const args = ['get', 'secret', name, '-n', namespace, '--ignore-not-found', '-o', 'json'];
        const json = await kubectl(context, args, { signal });
        return {
          region,
          context,
          data: json.trim() === '' ? undefined : secretData.parse(JSON.parse(json)).data,
        };
      }),
    );
    const held = found.find(({ data }) => data !== undefined);
    const missing = found.filter(({ data }) => data === undefined);
    if (missing.length === 0) continue;
    const data = held?.data ?? encoded(await make());
    for (const { region, context } of missing) {
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        type: 'Opaque',
        data,
      };
      await kubectl(context, ['create', '-f', '-'], { signal, input: JSON.stringify(secret) });
      done.push(`secret ${name} of ${region}: ${held ? `given by ${held.region}` : 'made'}`);
    }
  }
  return done;
}

const encoded = (data: Data): Data =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
