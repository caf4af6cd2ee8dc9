import { spawnSync } from 'node:child_process';
import { namespace } from '../../lib/in-cluster';

const kubectl = (context: string, ...args: readonly string[]) =>
  spawnSync('kubectl', ['--context', context, '--namespace', namespace, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });

/** Connections between pods, and from them to the API server, by pod and container: whether a policy admits each. */
const connections = [
  ['postgres-0', 'postgres', 'kube-dns.kube-system:53', true],
  ['postgres-0', 'postgres', 'pgbouncer:6432', false],
  ['postgres-0', 'postgres', 'valkey:6379', false],
  ['postgres-0', 'postgres', 'workload:80', false],
  ['postgres-0', 'postgres', 'kubernetes.default:443', false],
  ['valkey-0', 'valkey', 'kube-dns.kube-system:53', true],
  ['valkey-0', 'valkey', 'postgres:5432', false],
  ['valkey-0', 'valkey', 'prometheus:9090', false],
  ['valkey-0', 'valkey', 'kubernetes.default:443', false],
] as const;

/** A pod that says nothing of its security, which the namespace has to refuse. */
const careless = ['run', 'careless', '--image=nothing:1', '--dry-run=server', '--', 'true'];

/**
 * What in a region that runs is open and must be closed, or closed and must be open: asked from inside the pods, and of the API
 * server. Changes nothing.
 */
export function guardRails(context: string): readonly string[] {
  const wrong = connections.flatMap(([pod, container, to, admitted]) => {
    const [host = '', port = ''] = to.split(':');
    // The shell's own way to connect: no image has a client for it.
    const attempt = `exec 3<>/dev/tcp/${host}/${port} && echo open`;
    const { stdout } = kubectl(
      context,
      'exec',
      pod,
      '-c',
      container,
      '--',
      'timeout',
      '3',
      'bash',
      '-c',
      attempt,
    );
    return stdout.includes('open') === admitted ? [] : [`${pod} to ${to}: ${admitted ? 'closed' : 'open'}`];
  });
  const refused = kubectl(context, ...careless).stderr.includes('violates PodSecurity "restricted:');
  const token = kubectl(context, 'exec', 'postgres-0', '-c', 'postgres', '--', 'ls', '/var/run/secrets');
  return [
    ...wrong,
    ...(refused ? [] : ['a pod that says nothing of its security is taken']),
    ...(token.stderr.includes('No such file') ? [] : ['postgres-0 has a token, or does not answer']),
  ];
}
