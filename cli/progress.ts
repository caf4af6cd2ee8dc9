import { Listr } from 'listr2';
import type { Listener } from '../failover/events';

/** What listr2 lets a running task say. */
interface Line {
  title?: string;
  output?: string;
}

interface Row {
  line?: Line;
  /** Settles the task: with an error when the phase failed. */
  end: (error?: Error) => void;
  readonly ended: Promise<void>;
  startedAtMs: number;
  note: string;
}

/**
 * A line a phase on the terminal: what it does and may take while it runs, what it took and found when it ended. The
 * listener only listens; `finished` settles when the last line is drawn.
 */
export function showProgress(phases: readonly { readonly name: string; readonly title: string }[]): {
  readonly listen: Listener;
  readonly finished: () => Promise<void>;
} {
  const width = Math.max(...phases.map(({ name }) => name.length));
  const rows = new Map<string, Row>(phases.map(({ name }) => [name, newRow()]));
  const titles = new Map<string, string>(phases.map(({ name, title }) => [name, title]));
  const list = new Listr(
    phases.map(({ name, title }) => ({
      title: `${name.padEnd(width)} ${title}`,
      task: (_: unknown, line: Line) => {
        const row = rows.get(name);
        if (row) Object.assign(row, { line });
        if (row?.note) line.output = row.note;
        return row?.ended;
      },
      rendererOptions: { persistentOutput: true },
    })),
    {
      exitOnError: true,
      registerSignalListeners: false,
      rendererOptions: { showErrorMessage: false, collapseErrors: true },
    },
  );
  const drawn = list.run().catch(() => undefined);
  return {
    listen: (event) => {
      if (!('phase' in event)) return;
      const row = rows.get(event.phase);
      if (!row) return;
      if (event.type === 'phase-started') row.startedAtMs = event.atMs;
      if (event.type === 'note') {
        row.note = event.text;
        if (row.line) row.line.output = event.text;
      }
      if (event.type === 'phase-ended') {
        const seconds = ((event.atMs - row.startedAtMs) / 1000).toFixed(1);
        if (row.line)
          row.line.title = `${event.phase.padEnd(width)} ${titles.get(event.phase) ?? ''} (${seconds} s)`;
        row.end(event.outcome === 'done' ? undefined : new Error(event.phase));
      }
    },
    finished: async () => {
      await drawn;
    },
  };
}

function newRow(): Row {
  let end: Row['end'] = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  // The list may have ended before this row's turn came.
  ended.catch(() => undefined);
  return { end, ended, startedAtMs: 0, note: '' };
}
