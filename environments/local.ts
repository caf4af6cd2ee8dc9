import type { EnvironmentInput } from './schema';

/** Two clusters, or two regions of processes, on one machine. */
export const local: EnvironmentInput = {
  name: 'local',
  target: 'kubernetes',
  regions: ['east', 'west'],
  dns: { zone: 'local.tandem.example' },
  healthCheck: { intervalSeconds: 10 },
};
