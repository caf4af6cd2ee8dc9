import { command } from '../../lib/command';
import { TandemError } from '../../lib/errors';

/** Marks our packet filter rules, so that they are found and removed whoever put them there. */
const mark = 'tandem-drill';

/** The mangle table comes before address translation, so that a rule sees a NodePort's and a pod's packets alike. */
const drop = (
  chain: 'PREROUTING' | 'POSTROUTING',
  device: '-i' | '-o',
  ...match: readonly string[]
): string[] => [
  ...['iptables', '-w', '-t', 'mangle', '-I', chain, device, 'eth0'],
  ...[...match, '-m', 'comment', '--comment', mark, '-j', 'DROP'],
];

const mend = `iptables-save -t mangle | grep -- '--comment "\\?${mark}' | sed 's/^-A/-D/; s/"//g' |
  while read -r rule; do iptables -w -t mangle $rule; done`;

/** The nodes of a cluster that are containers of this machine, which is what k3d and kind make them. */
export class Nodes {
  private constructor(readonly names: readonly string[]) {}

  /** @returns undefined when a node is no container here, so that nothing can be done to it */
  static async find(names: readonly string[]): Promise<Nodes | undefined> {
    const states = await Promise.allSettled(names.map((name) => stateOf(name)));
    const all = names.length > 0 && states.every(({ status }) => status === 'fulfilled');
    return all ? new Nodes(names) : undefined;
  }

  /** Power loss, all at once. */
  async kill(): Promise<void> {
    await command('docker', ['kill', ...this.names]);
  }

  /** Every process stands still; connections stay open and nothing answers. */
  async freeze(): Promise<void> {
    await command('docker', ['pause', ...this.names]);
  }

  /** No packet goes in or out, or none from and to the given addresses; nothing is refused. */
  async cut(from: readonly string[] = []): Promise<void> {
    const pairs =
      from.length === 0
        ? [[[], []] as const]
        : from.map(
            (one) =>
              [
                ['-s', one],
                ['-d', one],
              ] as const,
          );
    await this.#each(async (name) => {
      for (const [source, destination] of pairs) {
        await command('docker', ['exec', name, ...drop('PREROUTING', '-i', ...source)]);
        await command('docker', ['exec', name, ...drop('POSTROUTING', '-o', ...destination)]);
      }
    });
  }

  /** Lets packets through again; a node that does not run has no rules to remove. */
  async mend(): Promise<void> {
    await this.#each(async (name) => {
      if ((await stateOf(name)) === 'running') await command('docker', ['exec', name, 'sh', '-c', mend]);
    });
  }

  /** Undoes whatever was done to them. */
  async restore(): Promise<void> {
    await this.#each(async (name) => {
      const state = await stateOf(name);
      if (state === 'paused') await command('docker', ['unpause', name]);
      else if (state !== 'running') await command('docker', ['start', name]);
    });
    await this.mend();
  }

  async #each(work: (name: string) => Promise<void>): Promise<void> {
    const settled = await Promise.allSettled(this.names.map(work));
    const failed = settled.find((one) => one.status === 'rejected');
    if (!failed) return;
    throw new TandemError('FaultFailed', {
      found: `not every node of ${this.names.join(', ')} did what it was told: ${String(failed.reason)}`,
      expected: 'that a fault is injected into all nodes, or taken from all of them',
      next: 'docker ps -a shows them; run the drill again, which puts them right first',
      cause: failed.reason,
    });
  }
}

/** As docker words it: running, paused, exited. @throws TandemError CommandFailed when there is no such container */
const stateOf = async (name: string): Promise<string> =>
  (await command('docker', ['container', 'inspect', '--format', '{{.State.Status}}', name])).trim();
