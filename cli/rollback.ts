import type { Command } from 'commander';
import { z } from 'zod';
import { loadEnvironment } from '../environments';
import { loadClusters, saveClusters } from '../environments/clusters';
import { kubectl } from '../lib/command';
import { TandemError } from '../lib/errors';
import { namespace } from '../lib/in-cluster';
import { confirm } from './confirm';
import { exitCodeOf, interruptible } from './exit';

export function rollbackCommand(program: Command): void {
  program
    .command('rollback')
    .summary('bring back the workload that ran before, in both regions')
    .description(
      'Takes the workload’s Deployment back to its newest revision with another image, in both clusters at once and pod after pod as an\n' +
        'update does, then the autopilot, which is of the same image. Records that image, so that the next plan does not go forward\n' +
        'again; `tandem up` does, with what is checked out.',
    )
    .argument('<environment>', 'an environment on kubernetes')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ tandem rollback local')
    .action(async (name: string, { yes }: { readonly yes?: true }) => {
      const { signal, by } = interruptible();
      try {
        await rollback(name, yes === true, signal);
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        console.error(`ended by ${interruption}\nNext: tandem status ${name}`);
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

const deployment = ['deployment/workload', '-n', namespace] as const;
const autopilot = ['deployment/autopilot', '-n', namespace] as const;

const replicaSets = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        annotations: z.object({ 'deployment.kubernetes.io/revision': z.coerce.number() }),
        ownerReferences: z.array(z.object({ name: z.string() })),
      }),
      spec: z.object({
        template: z.object({
          spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }),
        }),
      }),
    }),
  ),
});

interface Revision {
  readonly number: number;
  readonly image: string;
}

async function rollback(name: string, yes: boolean, signal: AbortSignal): Promise<void> {
  const environment = loadEnvironment(name);
  const clusters = loadClusters(environment);
  const bad = clusters.workloadImage;
  const regions = await Promise.all(
    Object.entries(clusters.regions).map(async ([region, { context }]) => {
      const [now, ...before] = await revisionsOf(context, signal);
      return { region, context, now, to: [now, ...before].find((each) => each && each.image !== bad) };
    }),
  );
  const images = new Set(regions.map(({ to }) => to?.image));
  const [image] = images;
  if (image === undefined || images.size > 1) {
    throw new TandemError('RollbackImpossible', {
      found: regions.map(({ region, to }) => `${region}: ${to?.image ?? `nothing but ${bad}`}`).join('; '),
      expected: 'one other image that both regions ran before and still remember',
      next: `check out the code that shall run, and tandem up ${name}`,
    });
  }
  console.log(`${name} runs ${bad}, and ran ${image} before`);
  if (!yes) await confirm(`tandem rollback ${name}`, signal);
  await Promise.all(
    regions.map(async ({ region, context, now, to }) => {
      // A region that an ended rollback reached already is only waited for.
      if (now !== to) {
        const revision = `--to-revision=${to?.number ?? 0}`;
        await kubectl(context, ['rollout', 'undo', ...deployment, revision], { signal });
      }
      await kubectl(context, ['rollout', 'status', ...deployment, '--timeout=180s'], { signal });
      // A program of the same image.
      await kubectl(context, ['set', 'image', ...autopilot, `autopilot=${image}`], { signal });
      await kubectl(context, ['rollout', 'status', ...autopilot, '--timeout=180s'], { signal });
      console.log(`✔ ${region}: ${image}`);
    }),
  );
  saveClusters(environment, { ...clusters, workloadImage: image });
  console.log(`Done\nNext: tandem plan ${name}; tandem up ${name} builds and runs what is checked out`);
}

/** What a cluster remembers of the workload, newest first ("Checking Rollout History of a Deployment", Kubernetes documentation). */
async function revisionsOf(context: string, signal: AbortSignal): Promise<readonly Revision[]> {
  const json = await kubectl(context, ['get', 'replicasets', '-n', namespace, '-o', 'json'], { signal });
  return replicaSets
    .parse(JSON.parse(json))
    .items.filter(({ metadata }) => metadata.ownerReferences.some(({ name }) => name === 'workload'))
    .flatMap(({ metadata, spec }): Revision[] => {
      const image = spec.template.spec.containers.find(({ name }) => name === 'workload')?.image;
      const number = metadata.annotations['deployment.kubernetes.io/revision'];
      return image === undefined ? [] : [{ number, image }];
    })
    .toSorted((one, other) => other.number - one.number);
}
