import type { Environment } from '../environments';
import type { Roles } from '../environments/roles';
import type { Timing } from '../failover/target';
import { versions } from '../lib/versions';

const width = 34;

/** What the drill is about to build, as a picture in plain text; at most 100 columns. */
export function picture(environment: Environment, roles: Roles, timing: Timing, cache: string): string {
  const { regions, dns } = environment;
  const active = regions.find((region) => roles[region]?.role === 'active') ?? regions[0];
  const stream = regions[0] === active ? '══WAL══▶' : '◀══WAL══';
  const boxes = regions.map((region) => [
    `${region}  ${roles[region]?.role ?? '?'}`,
    '2 workload processes',
    `PostgreSQL ${versions.postgres}`,
    cache,
  ]);
  const row = (index: number, between: string): string =>
    boxes.map((lines) => `│ ${(lines[index] ?? '').padEnd(width - 2)} │`).join(between);
  const line = (left: string, right: string): string => left + '─'.repeat(width) + right;
  const gap = ' '.repeat(stream.length);
  const middle = width + 2 + gap.length / 2;
  const name = `${dns.host}.${dns.zone}`;
  const check = `checked every ${timing.healthCheckIntervalSeconds} s, out after ${timing.failureThreshold} failures`;
  return [
    center('4 writers, 4 readers', middle),
    center(`DNS: ${name} → ${active}, TTL ${timing.ttlSeconds} s`, middle),
    center(check, middle),
    center('PRIMARY ┌────────┴────────┐ SECONDARY', middle),
    [line('┌', '┐'), line('┌', '┐')].join(gap),
    row(0, gap),
    row(1, gap),
    row(2, stream),
    row(3, gap),
    [line('└', '┘'), line('└', '┘')].join(gap),
  ].join('\n');
}

const center = (text: string, middle: number): string =>
  ' '.repeat(Math.max(0, Math.round(middle - text.length / 2))) + text;
