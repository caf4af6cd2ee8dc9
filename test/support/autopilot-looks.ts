import type { Round } from '../../failover/autopilot/round';

export const noon = Date.UTC(2026, 10, 21, 12);

export type Looks = Omit<Round, 'atMs' | 'wallMs'>;
export const lag = (seconds: number) => [{ atMs: noon - 120_000, seconds }];
/** The peer serves and everything is in order. */
export const whole: Looks = {
  witness: 'peer',
  peerServes: true,
  ownServes: true,
  peerDatabaseAnswers: true,
  edgeAnswers: true,
  replica: true,
  lag: lag(0.4),
  operation: 'none',
  clusterObjections: [],
};
/** The peer region is gone and Route 53 has seen it. */
export const lost: Looks = { ...whole, witness: 'own', peerServes: false, peerDatabaseAnswers: false };

export const without = (field: keyof Looks): Looks =>
  Object.fromEntries(Object.entries(lost).filter(([key]) => key !== field));
