import type { Environment, KubernetesEnvironment } from '../../environments';
import { type Clusters, loadClusters } from '../../environments/clusters';
import type { Deployment } from '../../stacks/deployment';
import type { SynthesizedStack } from '../../stacks/synthesize';
import { shareKubeconfig } from './clusters';
import { baseReference, workloadReference } from './images';
import { nodeImage } from './k3d';

type Where = Required<Pick<Deployment, 'clusters' | 'images'>>;

/** What the stacks need to know of the clusters that they are for. */
export const whereOf = ({ regions, dns, images, workloadImage }: Clusters): Where => ({
  clusters: Object.fromEntries(
    Object.entries(regions).map(([region, { context, addresses }]) => [
      region,
      { context, addresses, dnsServer: dns },
    ]),
  ),
  images: { ...inPods(images), [workloadReference]: workloadImage },
});

/** The mapping without what no pod is made of: nodes, and what the workload's image is built on. */
export const inPods = (images: Clusters['images']): Clusters['images'] =>
  Object.fromEntries(
    Object.entries(images).filter(([image]) => image !== nodeImage && image !== baseReference()),
  );

/**
 * The clusters that `tandem up` recorded, for stacks; Terraform reaches them from now on.
 * @throws TandemError ClustersMissing
 */
export function standingOf(environment: KubernetesEnvironment): Where {
  shareKubeconfig();
  return whereOf(loadClusters(environment));
}

/** The stacks that Terraform applies: on Kubernetes, what is global is AWS's, and read by the environment's own DNS alone. */
export const appliedOf = (
  { target }: Environment,
  stacks: readonly SynthesizedStack[],
): readonly SynthesizedStack[] =>
  target === 'aws' ? stacks : stacks.filter(({ region }) => region !== undefined);
