import { readdirSync, readFileSync } from 'node:fs';

/** Processes whose command line or environment names the folder: what a run there has left alive. */
export function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return command.includes(folder) || environ.includes(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}
