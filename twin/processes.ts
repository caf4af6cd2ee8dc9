import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process as Linux tells it; pid and start time together are never reused while the machine is up. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), stat field 22). */
  readonly startedAt: string;
}

interface ProcessStat extends ProcessIdentity {
  readonly parent: number;
  readonly state: string;
}

function statOf(pid: number): ProcessStat | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command stands in parentheses and may hold anything, so fields are counted from the last one.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { pid, state: fields[0] ?? '', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && { pid, startedAt: stat.startedAt };
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.startedAt === startedAt && stat.state !== 'Z';
}

/** The process and all its descendants: PostgreSQL's backends are sessions of their own, so no group holds them. */
export function familyOf(pid: number): readonly number[] {
  const everyone = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => statOf(Number(entry)) ?? []);
  const family = [pid];
  for (const member of family) {
    family.push(...everyone.filter(({ parent }) => parent === member).map((child) => child.pid));
  }
  return family;
}

/** SIGKILL for the process and all its descendants; done when the last of them is gone. */
export async function killFamily(pid: number): Promise<void> {
  const family = familyOf(pid).flatMap((member) => identityOf(member) ?? []);
  signalAll(
    family.map((member) => member.pid),
    'SIGKILL',
  );
  // SIGKILL is never refused, only delayed: by a write that is on its way to the disk.
  while (family.some(isAlive)) await sleep(5);
}

/** Sends the signal to each; one that has ended meanwhile is no error. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // ESRCH: it ended first.
    }
  }
}
