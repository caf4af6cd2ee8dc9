import { createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type Ended, type Killed, tandem } from './command';
import type { Emulator } from './emulator';

const put = z.object({ Item: z.object({ Record: z.object({ S: z.string() }) }) });

/**
 * Runs a command through a proxy that passes requests on and answers; when the given entry of its journal is written, the
 * command is killed without warning, before it hears so. Beats, which write the same entry again, are not counted.
 * @returns how it ended, and how many entries it had written by then
 */
export async function killedAfter(
  entry: number,
  emulator: Emulator,
  args: readonly string[],
  options: { readonly checkout?: string } = {},
): Promise<Ended & { readonly entries: number }> {
  const entries = new Set<string>();
  let kill: (what: Killed) => void = () => undefined;
  const proxy = createServer((given, answer) => {
    const { method, headers, url } = given;
    void text(given).then((body) => {
      const isEntry = headers['x-amz-target'] === 'DynamoDB_20120810.PutItem';
      const passed = request(`${emulator.endpoint}${url ?? ''}`, { method, headers }, (said) => {
        if (isEntry) entries.add(put.parse(JSON.parse(body)).Item.Record.S);
        if (isEntry && entries.size === entry) kill('command');
        answer.writeHead(said.statusCode ?? 500, said.headers);
        said.pipe(answer);
      });
      passed.end(body);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(proxy.address());
  const env = { ...emulator.environment, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  try {
    return {
      ...(await tandem([...args, '--yes'], env, { ...options, born: (own) => (kill = own) })),
      entries: entries.size,
    };
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}

/** Runs a command and kills it without warning when AWS is asked for this. */
export async function killedAt(
  action: string,
  what: Killed,
  emulator: Emulator,
  args: readonly string[],
  checkout: string,
): Promise<Ended> {
  await emulator.forgetCalls();
  let kill: (what: Killed) => void = () => undefined;
  const ended = tandem([...args, '--yes'], emulator.environment, { checkout, born: (own) => (kill = own) });
  const watching = setInterval(() => {
    void emulator.calls().then((calls) => calls.some((call) => call.action === action) && kill(what));
  }, 500);
  return ended.finally(() => clearInterval(watching));
}
