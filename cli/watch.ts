import { Resolver } from 'node:dns/promises';
import { Agent } from 'node:https';
import { type Command, Option } from 'commander';
import { regionOf } from '../environments';
import { timingOf } from '../environments/autopilot';
import { RegionalAws } from '../failover/autopilot/aws';
import { Lookout } from '../failover/autopilot/look';
import { JournalLook } from '../failover/autopilot/operation';
import { takeOver } from '../failover/autopilot/take-over';
import { watch } from '../failover/autopilot/watch';
import { Journal } from '../failover/operations/journal';
import { placeOf } from '../failover/operations/steps';
import { AwsTarget } from '../failover/targets/aws';
import { exitCodeOf, interruptible } from './exit';
import { onAws } from './plan';

interface WatchFlags {
  readonly region: string;
  readonly observe?: true;
}

export function watchCommand(program: Command): void {
  program
    .command('watch')
    .summary('fail over without a person, from the standby region')
    .description(
      'The autopilot: looks every five seconds from a region, decides when the other is lost, and fails over once every gate has held\n' +
        'for the whole window; asks people, by an alarm, where gates disagree. Runs until it is told to end. Each change of the\n' +
        'decision is one line of JSON on standard output, with its inputs.',
    )
    .argument('<environment>', 'an environment on aws, as described in environments/')
    .addOption(
      new Option('--region <region>', 'the region that it runs in, and would make active')
        .env('AWS_REGION')
        .makeOptionMandatory(),
    )
    .option('--observe', 'only say what it would do, whatever autopilot.mode of the environment says')
    .addHelpText(
      'after',
      `
Examples:
  $ tandem watch production --region us-west-2 --observe
  $ tandem watch staging --region us-west-2`,
    )
    .action(watchOver);
}

async function watchOver(name: string, { region: named, observe }: WatchFlags): Promise<void> {
  const environment = onAws(name);
  const region = regionOf(environment, named);
  const { peer } = placeOf(environment, region);
  const { signal, by } = interruptible();
  const looks = new AwsTarget([region, peer]);
  const acts = new AwsTarget([region]);
  const aws = new RegionalAws(looks, environment, region, peer);
  const journal = new JournalLook(new Journal(looks, name, region), region);
  const lookout = new Lookout({
    environment,
    region,
    peer,
    aws,
    // Milliseconds: two tries are over well within a round.
    network: { resolver: new Resolver({ timeout: 700, tries: 2 }), agent: new Agent(), httpsPort: 443 },
    operation: () => journal.look(),
  });
  const log = (line: Readonly<Record<string, unknown>>) =>
    console.log(JSON.stringify({ time: new Date().toISOString(), environment: name, region, ...line }));
  const mode = observe ? 'observe' : environment.autopilot.mode;
  const timing = timingOf(environment);
  log({ event: 'started', mode, timing });
  await watch({
    mode,
    timing,
    look: (within) => lookout.look(within),
    report: (asks) => aws.report(asks),
    failover: takeOver({ aws: acts, environment, region, database: () => aws.ownDatabase(), log }),
    log,
    signal,
  });
  looks.close();
  acts.close();
  const interruption = by();
  if (interruption) process.exitCode = exitCodeOf[interruption];
}
