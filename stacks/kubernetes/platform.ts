import { Aspects, dependable, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { imagesOf } from '../../modules/images';
import { grafana } from '../../modules/monitoring/grafana';
import { prometheus } from '../../modules/monitoring/prometheus';
import { namespace } from '../../modules/namespace/kubernetes';
import type { KubernetesDeployment } from '../deployment';
import { KubernetesStack } from './kubernetes-stack';

/** A region's namespace with its guard rails, and what watches over the rest. */
export class PlatformStack extends KubernetesStack {
  constructor(scope: Construct, id: string, deployment: KubernetesDeployment, region: string) {
    super(scope, id, deployment, 'platform', region);
    const images = imagesOf(deployment.images);
    const guardRails = namespace(this, this.place);
    const { rpoSeconds } = deployment.environment.objectives;
    prometheus(this, this.place, { image: images.prometheus, rpoSeconds });
    if (images.grafana !== null) grafana(this, this.place, images.grafana);
    // Nothing comes before the rails that it has to keep to.
    const first = guardRails.map(dependable);
    Aspects.of(this).add({
      visit: (node) => {
        if (!(node instanceof TerraformResource) || guardRails.includes(node)) return;
        node.dependsOn = [...(node.dependsOn ?? []), ...first];
      },
    });
  }
}
