import type { Budget } from '../lib/wait';

const budget = (name: string, seconds: number): Budget => ({ name, seconds });

/** What the twin may wait for its own processes; generous, since a busy machine is not a failure of the drill. */
export const budgets = {
  postgresInitialize: budget('postgresInitialize', 30),
  postgresStart: budget('postgresStart', 30),
  postgresPromote: budget('postgresPromote', 30),
  replicationStreaming: budget('replicationStreaming', 30),
  cacheStart: budget('cacheStart', 10),
  migrate: budget('migrate', 30),
  latchOpened: budget('latchOpened', 150),
  workloadStart: budget('workloadStart', 30),
} as const;
