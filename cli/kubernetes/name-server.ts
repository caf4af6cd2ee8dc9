import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesEnvironment } from '../../environments';
import { stateFolder } from '../../environments/clusters';
import { TandemError } from '../../lib/errors';
import { waitFor } from '../../lib/wait';
import { readStandingRecord } from '../../twin/dns/standing-client';
import { isAlive } from '../../twin/processes';
import { dnsFile } from '../dns';

/**
 * Sees to the name server that outlives this command, `tandem dns`: without its answer no region takes writes.
 * @throws TandemError ProcessDied, BudgetExceeded
 */
export async function ensureDns(environment: KubernetesEnvironment, signal: AbortSignal): Promise<void> {
  const { name } = environment;
  const stands = () => {
    const record = readStandingRecord(dnsFile(environment));
    return record && isAlive(record) ? true : undefined;
  };
  if (stands()) return;
  const path = join(stateFolder(environment), 'dns.log');
  const log = openSync(path, 'w');
  // Beside this bundle in dist/; a session of its own, which no Ctrl-C here reaches.
  const program = join(__dirname, 'tandem.js');
  const child = spawn(process.execPath, [program, 'dns', name], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  await waitFor(
    {
      what: `the name server of ${name}`,
      budget: { name: 'dnsStands', seconds: 60 },
      next: `read ${path}`,
      everyMs: 200,
      signal,
    },
    () => {
      if (child.exitCode === null) return Promise.resolve(stands());
      throw new TandemError('ProcessDied', {
        found: `tandem dns ${name} ended with ${child.exitCode}:\n${readFileSync(path, 'utf8').trim()}`,
        expected: 'that it stands beside the clusters',
        next: `tandem dns ${name}, to see it fail`,
      });
    },
  );
  console.log(`✔ name server of ${name}: started`);
}
