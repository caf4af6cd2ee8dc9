import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Evidence, evidenceSchema } from '../../failover/evidence/record';

const program = join(__dirname, '../../dist/tandem.js');

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The built command as people run it, in a folder of its own, so that what it leaves can be counted. */
export class Tandem {
  readonly scratch = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  readonly child: ChildProcess;
  output = '';
  readonly ended: Promise<Ended>;

  /**
   * @param temporary where its temporary files go, when not into a folder of its own
   * @param terminal runs it on a terminal of its own (script(1)), whose keys `type` presses
   */
  constructor(args: readonly string[], temporary?: string, terminal = false) {
    // Under root PostgreSQL runs as another account, which has to get through.
    chmodSync(this.scratch, 0o711);
    const line = [process.execPath, program, ...args].join(' ');
    const [command, rest] = terminal
      ? (['script', ['-qec', `stty cols 110 rows 40; exec ${line}`, '/dev/null']] as const)
      : ([process.execPath, [program, ...args]] as const);
    this.child = spawn(command, rest, {
      cwd: this.scratch,
      env: { ...process.env, TMPDIR: temporary ?? this.scratch, NO_COLOR: '1' },
      stdio: [terminal ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => resolve({ code, output: this.output }));
    });
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** Settles when the output holds the text; fails the test when the command ends without it. */
  async said(text: string): Promise<void> {
    for (;;) {
      if (this.output.includes(text)) return;
      const over = await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 50))]);
      if (over) expect(this.output).toContain(text);
    }
  }

  /** What it left where it worked and in its temporary folder; its evidence and the empty base folder are no litter. */
  leftovers(): readonly string[] {
    return readdirSync(this.scratch, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !/^(tandem-\d+|evidence(\/.*)?)$/.test(path),
    );
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

export const evidenceIn = (output: string): Evidence => evidenceSchema.parse(JSON.parse(output));
