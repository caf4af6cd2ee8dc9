import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadEnvironment } from '../environments';
import { TandemError } from '../lib/errors';
import { waitFor } from '../lib/wait';
import { exitCodeOf, interruptible } from './exit';

/** A deployment's pods are replaced, and DNS may hold the old answer for a TTL. */
const budget = { name: 'smoke', seconds: 120 };
const requestMs = 5000;

const readiness = z.object({ region: z.string(), role: z.string(), writable: z.boolean() });
const item = z.object({ id: z.string(), value: z.unknown() });

export function smokeCommand(program: Command): void {
  program
    .command('smoke')
    .summary('write, read and delete through the public name')
    .description(
      'Asks the workload as a client does: it is ready, the region that answers takes writes, a value comes back as it was\n' +
        'written and is gone when it was deleted. Exits 1 when one of them does not hold within two minutes.',
    )
    .argument('<environment>', 'whose public name to ask, as described in environments/')
    .option('--url <url>', 'where to ask instead, such as http://127.0.0.1:30080')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem smoke production\n  $ tandem smoke local --url http://127.0.0.1:30080',
    )
    .action(async (name: string, { url }: { readonly url?: string }) => {
      const { signal, by } = interruptible();
      const { dns } = loadEnvironment(name);
      try {
        await smoke(url ?? `https://${dns.host}.${dns.zone}`, signal);
      } catch (thrown) {
        const interruption = by();
        if (!interruption) throw thrown;
        process.exitCode = exitCodeOf[interruption];
      }
    });
}

/** @throws TandemError SmokeFailed, BudgetExceeded */
async function smoke(base: string, signal: AbortSignal): Promise<void> {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, base), {
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
    });
  const { region } = await waitFor(
    {
      what: `${base}/ready to take writes`,
      budget,
      next: 'tandem status shows which region takes writes',
      everyMs: 1000,
      signal,
    },
    async () => {
      const answer = await ask('/ready');
      const said = readiness.parse(await answer.json());
      if (answer.ok && said.writable) return said;
      throw new TandemError(
        'SmokeFailed',
        failureOf(`${answer.status} of ${said.region}, ${said.role}`, 'an active region'),
      );
    },
  );
  console.log(`✔ ${base} is ready, and ${region} takes writes`);
  const id = `smoke-${randomUUID()}`;
  const written = await ask('/data', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, value: { smoke: id } }),
  });
  expectStatus(written, 201, 'the write');
  const read = await ask(`/data/${id}`);
  expectStatus(read, 200, 'the read');
  const { value } = item.parse(await read.json());
  if (JSON.stringify(value) !== JSON.stringify({ smoke: id })) {
    throw new TandemError('SmokeFailed', failureOf(`${JSON.stringify(value)} was read`, 'what was written'));
  }
  expectStatus(await ask(`/data/${id}`, { method: 'DELETE' }), 204, 'the deletion');
  expectStatus(await ask(`/data/${id}`), 404, 'the read after it');
  console.log('✔ a value was written, read and deleted');
}

function expectStatus({ status }: Response, expected: number, what: string): void {
  if (status === expected) return;
  throw new TandemError('SmokeFailed', failureOf(`${what} was answered with ${status}`, String(expected)));
}

const failureOf = (found: string, expected: string) => ({
  found,
  expected,
  next: 'tandem status shows both regions; the workload’s log says why it refused',
});
