import type { EnvironmentInput } from './schema';

/** Two clusters, or two regions of processes, on one machine. */
export const local: EnvironmentInput = {
  name: 'local',
  target: 'kubernetes',
  // As production's, so that the same names mean the same on a laptop, and the AWS provider plans its traffic stack.
  regions: ['us-east-1', 'us-west-2'],
  dns: { zone: 'local.tandem.example' },
  healthCheck: { intervalSeconds: 10 },
  autopilot: { mode: 'act' },
};
