import type { Construct } from 'constructs';
import { roleOf } from '../../environments/roles';
import { valkey } from '../../modules/cache/kubernetes';
import { imagesOf } from '../../modules/images';
import { pgbouncer } from '../../modules/pgbouncer/kubernetes';
import { postgres } from '../../modules/postgres/kubernetes';
import type { KubernetesDeployment } from '../deployment';
import { KubernetesStack } from './kubernetes-stack';

/** What a region keeps: PostgreSQL with PgBouncer before it, and Valkey. Both regions', in any role, differ in addresses alone. */
export class ClusterDataStack extends KubernetesStack {
  constructor(scope: Construct, id: string, deployment: KubernetesDeployment, region: string) {
    super(scope, id, deployment, 'data', region);
    const { environment, roles } = deployment;
    const images = imagesOf(deployment.images);
    const { role, generation } = roleOf(roles, region);
    const {
      postgres: { storageGb },
      cache: { replicated },
      serviceMonitors,
    } = environment;
    const shared = { ...this.place, images, serviceMonitors };
    postgres(this, { ...shared, role, generation, peer: this.peer, storageGb, cacheFollows: replicated });
    pgbouncer(this, this.place, images.pgbouncer);
    valkey(this, { ...shared, ...(replicated && { peer: this.peer }) });
  }
}
