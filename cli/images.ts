import type { Command } from 'commander';
import { loadEnvironment } from '../environments';
import { recordedClusters } from '../environments/clusters';
import { TandemError } from '../lib/errors';
import { imageReferences } from '../modules/images';
import { exitCodeOf, interruptible } from './exit';
import { baseReference, buildWorkload, readImages, workloadReference } from './kubernetes/images';
import { nodeImage } from './kubernetes/k3d';

export function imagesCommand(program: Command): void {
  program
    .command('images')
    .summary('every image that an environment on Kubernetes needs')
    .description(
      'Builds the workload’s image where it is not built, and lists each image with what stands for it: what a registry has to have,\n' +
        'or what to load into clusters that reach none before `tandem up`.',
    )
    .argument('<environment>', 'an environment on kubernetes')
    .option(
      '--images <file>',
      'JSON that says which image stands for which; as of the last `tandem up` when left out',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ tandem images local --images mirror.json')
    .action(async (name: string, flags: { readonly images?: string; readonly json?: true }) => {
      const { signal, by } = interruptible();
      try {
        const images = await imagesOf(name, flags.images, signal);
        if (flags.json) return console.log(JSON.stringify(images, null, 2));
        for (const [reference, image] of Object.entries(images))
          console.log(image === reference ? reference : `${reference}\n  → ${image ?? 'left out'}`);
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

async function imagesOf(name: string, file: string | undefined, signal: AbortSignal) {
  const environment = loadEnvironment(name);
  if (environment.target !== 'kubernetes') {
    throw new TandemError('TargetUnavailable', {
      found: `${name} runs on ${environment.target}, which pulls images from its own registry`,
      expected: 'an environment on kubernetes',
      next: 'tandem images local',
    });
  }
  const mapped = file === undefined ? (recordedClusters(environment)?.images ?? {}) : readImages(file);
  const stands = (reference: string): string | null => {
    const named = [reference, reference.replace(/@.*/, '')].find((each) => mapped[each] !== undefined);
    return named === undefined ? reference : (mapped[named] ?? null);
  };
  const references = [nodeImage, baseReference(), ...imageReferences];
  const needed: Readonly<Record<string, string | null>> = {
    ...Object.fromEntries(references.map((reference) => [reference, stands(reference)])),
    [workloadReference]: await buildWorkload(mapped, signal),
  };
  return needed;
}
