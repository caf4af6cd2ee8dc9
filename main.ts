import { environmentNames, loadEnvironment } from './environments';
import { loadRoles } from './environments/roles';
import { synthesize } from './stacks/synthesize';

// The CDKTF app: every environment, or those that TANDEM_ENVIRONMENTS names (comma separated).
const chosen = process.env.TANDEM_ENVIRONMENTS?.split(',').map((name) => name.trim()) ?? environmentNames;

synthesize(
  chosen.map(loadEnvironment).map((environment) => ({ environment, roles: loadRoles(environment) })),
  process.env.CDKTF_OUTDIR ?? 'cdktf.out',
);
