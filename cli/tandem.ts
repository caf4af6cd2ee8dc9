#!/usr/bin/env node
import { Command } from 'commander';
import { versions } from '../lib/versions';
import { bootstrapCommand } from './bootstrap';
import { diffCommand } from './diff';
import { dnsCommand } from './dns';
import { doctorCommand } from './doctor';
import { downCommand } from './down';
import { drillCommand } from './drill';
import { describeFailure, exitCodes } from './exit';
import { failoverCommand } from './failover';
import { graphCommand } from './graph';
import { imagesCommand } from './images';
import { planCommand } from './plan';
import { rebuildCommand } from './rebuild';
import { reconcileCommand } from './reconcile';
import { rollbackCommand } from './rollback';
import { smokeCommand } from './smoke';
import { statusCommand } from './status';
import { switchoverCommand } from './switchover';
import { synthCommand } from './synth';
import { upCommand } from './up';
import { versionCommand } from './version';
import { watchCommand } from './watch';

// The SDK says with each command that it will stop to support Node.js 20 one day: the versions here are pinned, and do.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const program = new Command('tandem')
  .description(
    'An active-passive, two-region platform: described once, drilled for real, handed back to Terraform.',
  )
  .version(versions.tandem)
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: true })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage))
  .addHelpText(
    'after',
    `
Exit codes:
  ${exitCodes.done}    done; of a drill: every objective met
  ${exitCodes.failed}    failed; the error says what was found, expected and what to do next
  ${exitCodes.changes}    of plan and diff: something would change
  ${exitCodes.objectivesMissed}    the drill went through and missed an objective
  ${exitCodes.usage}   wrong usage
  130  interrupted by Ctrl-C (143: by SIGTERM, 129: by SIGHUP)

Start here:
  $ tandem doctor
  $ tandem drill production --target embedded`,
  );

for (const add of [
  bootstrapCommand,
  diffCommand,
  dnsCommand,
  doctorCommand,
  downCommand,
  drillCommand,
  failoverCommand,
  graphCommand,
  imagesCommand,
  planCommand,
  rebuildCommand,
  reconcileCommand,
  rollbackCommand,
  smokeCommand,
  statusCommand,
  switchoverCommand,
  synthCommand,
  upCommand,
  versionCommand,
  watchCommand,
])
  add(program);

program.parseAsync().catch((thrown: unknown) => {
  console.error(describeFailure(thrown));
  process.exitCode = exitCodes.failed;
});
