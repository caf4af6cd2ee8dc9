import type { Construct } from 'constructs';
import { timingOf } from '../../environments/autopilot';
import { controlPort } from '../../environments/clusters';
import { autopilot } from '../../modules/autopilot/kubernetes';
import { imagesOf } from '../../modules/images';
import { leastPods } from '../../modules/workload/kubernetes';
import type { KubernetesDeployment } from '../deployment';
import { KubernetesStack } from './kubernetes-stack';

/** What watches from a region and fails over to it: the same bytes in every role and generation. */
export class ClusterAutopilotStack extends KubernetesStack {
  constructor(scope: Construct, id: string, deployment: KubernetesDeployment, region: string) {
    super(scope, id, deployment, 'autopilot', region);
    const { environment, images } = deployment;
    const { dns, healthCheck } = environment;
    const [address = '', port] = this.cluster.dnsServer.split(':');
    autopilot(this, {
      ...this.place,
      image: imagesOf(images).workload,
      mode: environment.autopilot.mode,
      timing: timingOf(environment),
      publicName: `${dns.host}.${dns.zone}`,
      healthPath: healthCheck.path,
      leastPods,
      peer: this.peer,
      nameServer: { address, port: Number(port), controlPort },
    });
  }
}
