import type { Construct } from 'constructs';
import { imagesOf } from '../../modules/images';
import { workload } from '../../modules/workload/kubernetes';
import type { KubernetesDeployment } from '../deployment';
import { KubernetesStack } from './kubernetes-stack';

/** What clients come for. */
export class WorkloadStack extends KubernetesStack {
  constructor(scope: Construct, id: string, deployment: KubernetesDeployment, region: string) {
    super(scope, id, deployment, 'workload', region);
    const { host, zone } = deployment.environment.dns;
    workload(this, {
      ...this.place,
      image: imagesOf(deployment.images).workload,
      publicName: `${host}.${zone}`,
      dnsServer: this.cluster.dnsServer,
      peerAddresses: this.peer.addresses,
    });
  }
}
