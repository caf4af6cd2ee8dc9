import { nodePorts } from '../../lib/in-cluster';
import { type Container, container } from '../pods/kubernetes';
import type { ClusterPostgresProps } from './contract';
import follow from './kubernetes/follow.sh';
import { paths } from './settings';

/** What `follower` needs among the files of its pod. */
export const followerFiles = { 'follow.sh': follow };

/**
 * A container beside PostgreSQL that makes the region's Valkey a replica of the peer's while PostgreSQL is a standby, and nobody's
 * while it is a primary (ADR 0085): whatever moves the database moves the cache. It asks by the socket, so it has no password.
 * @param uid PostgreSQL's own user, which the socket knows
 */
export function follower({ images, peer }: ClusterPostgresProps, uid: number): Container {
  const turn = '/tmp/cache-follows';
  // It is well while it takes turns, also where neither PostgreSQL nor Valkey answers: what is beside it must not suffer.
  const turns = { exec: { command: ['sh', '-c', `[ -n "$(find ${turn} -mmin -1)" ]`] }, timeoutSeconds: 5 };
  return container({
    name: 'cache-follows',
    image: images.postgres,
    uid,
    size: { cpu: ['10m', '50m'], memory: ['16Mi', '32Mi'] },
    command: ['bash', `${paths.configuration}/follow.sh`],
    env: [
      { name: 'SOCKETS', value: paths.sockets },
      { name: 'VALKEY_HOST', value: 'valkey' },
      { name: 'VALKEY_PORT', value: '6379' },
      { name: 'PEER_HOSTS', value: peer.addresses.join(',') },
      { name: 'PEER_PORT', value: String(nodePorts.cacheReplication) },
      { name: 'TURN', value: turn },
    ],
    volumeMount: [
      { name: 'configuration', mountPath: paths.configuration, readOnly: true },
      { name: 'sockets', mountPath: paths.sockets },
      { name: 'tmp', mountPath: '/tmp' },
    ],
    readinessProbe: { ...turns, periodSeconds: 5 },
    livenessProbe: { ...turns, periodSeconds: 30 },
  });
}
