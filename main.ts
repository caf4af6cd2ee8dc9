import { environmentNames, loadEnvironment } from './environments';
import { loadRecorded } from './environments/recorded';
import { loadRoles } from './environments/roles';
import { synthesize } from './stacks/synthesize';

// The CDKTF app: every environment, or those that TANDEM_ENVIRONMENTS names (comma separated).
const chosen = process.env.TANDEM_ENVIRONMENTS?.split(',').map((name) => name.trim()) ?? environmentNames;

// Offline, a plan needs no credentials and nothing deployed: placeholders stand for what other layers give.
const mode = process.env.TANDEM_OFFLINE ? 'offline' : 'live';

synthesize(
  chosen.map(loadEnvironment).map((environment) => ({
    environment,
    roles: loadRoles(environment),
    recorded: loadRecorded(environment),
    mode,
  })),
  process.env.CDKTF_OUTDIR ?? 'cdktf.out',
);
