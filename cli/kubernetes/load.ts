import type { KubernetesEnvironment } from '../../environments';
import type { Clusters } from '../../environments/clusters';
import { waitFor } from '../../lib/wait';
import { imagesOnNodes } from './clusters';
import { heldHere, isBuilt } from './images';
import { importImages } from './k3d';
import { inPods } from './standing';

/**
 * Sees to the images that clusters can not pull: k3d's get them from docker; for others it says what to load, and waits.
 * @throws TandemError CommandMissing, CommandFailed, BudgetExceeded
 */
export async function loadImages(
  environment: KubernetesEnvironment,
  { madeBy, regions, images, workloadImage }: Clusters,
  signal: AbortSignal,
): Promise<void> {
  const contexts = Object.values(regions).map(({ context }) => context);
  if (madeBy === 'k3d') {
    const ours = Object.values(inPods(images)).flatMap((image) => image ?? []);
    const held = await heldHere([...new Set([workloadImage, ...ours])], signal);
    const missing = await missingOn(contexts, held, signal);
    if (missing.length === 0) return;
    const since = performance.now();
    await importImages(environment, missing, signal);
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    console.log(`✔ imported into both clusters: ${missing.join(', ')} (${seconds} s)`);
    return;
  }
  if (!isBuilt(workloadImage)) return;
  let told = false;
  await waitFor(
    {
      what: `${workloadImage} on every node of ${contexts.join(' and ')}`,
      budget: { name: 'imagesLoaded', seconds: 600 },
      next: 'load it into every node, or push it to a registry and map tandem-workload:dev to it by --images',
      everyMs: 2000,
      signal,
    },
    async () => {
      if ((await missingOn(contexts, [workloadImage], signal)).length === 0) return true;
      if (!told)
        console.log(
          `Load ${workloadImage} into every node of ${contexts.join(' and ')}, as with \`kind load docker-image\`, or push it to a\n` +
            'registry and map tandem-workload:dev to it by --images; waiting (nodes list what they hold up to a minute late)',
        );
      told = true;
      return undefined;
    },
  );
}

/** Of these images, those that some node of some cluster does not list. */
async function missingOn(
  contexts: readonly string[],
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const nodes = (await Promise.all(contexts.map((context) => imagesOnNodes(context, signal)))).flat();
  // A node writes a name without a registry as docker.io/library/….
  const holds = (node: readonly string[], image: string) =>
    node.some((name) => name === image || name.endsWith(`/${image}`));
  return wanted.filter((image) => !nodes.every((node) => holds(node, image)));
}
