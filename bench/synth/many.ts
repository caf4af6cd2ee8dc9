import { parseEnvironment } from '../../environments';
import { production } from '../../environments/production';
import { synthesize } from '../../stacks/synthesize';

// As many environments of production's size as MANY says.
const [first, second] = production.regions;
synthesize(
  Array.from({ length: Number(process.env.MANY) }, (_, at) => ({
    environment: parseEnvironment({ ...production, name: `number${at}` }, 'the benchmark'),
    roles: { [first]: { role: 'active', generation: 1 }, [second]: { role: 'standby', generation: 1 } },
    mode: 'offline',
  })),
  process.env.CDKTF_OUTDIR ?? 'cdktf.out',
);
