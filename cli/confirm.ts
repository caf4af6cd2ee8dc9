import { createInterface } from 'node:readline/promises';
import { TandemError } from '../lib/errors';

/**
 * Asks on the terminal whether to go ahead.
 * @param command what to type to be asked again
 * @throws TandemError NotConfirmed
 */
export async function confirm(command: string, signal: AbortSignal): Promise<void> {
  const refuse = (found: string) =>
    new TandemError('NotConfirmed', {
      found,
      expected: 'a yes before anything changes',
      next: `${command} in a terminal, or with --yes`,
    });
  if (!process.stdin.isTTY) throw refuse('no terminal to ask on');
  // Not as a terminal of its own: that would keep Ctrl-C from becoming a signal.
  const terminal = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  try {
    const answer = await terminal.question('Go ahead? Only yes counts: ', { signal });
    if (answer.trim().toLowerCase() !== 'yes') throw refuse(`the answer ${JSON.stringify(answer)}`);
  } finally {
    terminal.close();
  }
}
