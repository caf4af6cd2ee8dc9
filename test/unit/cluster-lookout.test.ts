import { Resolver } from 'node:dns/promises';
import { ClusterLookout } from '../../failover/autopilot/cluster';

/** What a database says look by look, seconds behind; everything else of the lookout is never asked here. */
function lookoutOver(said: readonly number[]): ClusterLookout {
  const answers = [...said];
  const never = () => Promise.reject(new TypeError('not asked here'));
  return new ClusterLookout({
    region: 'west',
    peer: 'east',
    publicName: 'app.tandem.example',
    resolver: new Resolver(),
    dns: { regions: never, operation: never },
    health: { own: 'http://127.0.0.1:9', peer: 'http://127.0.0.1:9' },
    peerDatabasePort: 9,
    database: { look: () => Promise.resolve({ replica: true, behindSeconds: answers.shift() ?? 0 }) },
    pods: never,
    leastPods: 1,
  });
}

/** The lag of the newest minute after each of the looks, five seconds apart. */
async function lagsOf(said: readonly number[]): Promise<readonly (number | undefined)[]> {
  jest.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  const lookout = lookoutOver(said);
  const lags: (number | undefined)[] = [];
  for (let look = 0; look < said.length; look++) {
    lags.push((await lookout.looks().lag(new AbortController().signal)).at(-1)?.seconds);
    jest.advanceTimersByTime(5000);
  }
  return lags;
}

describe('the lag that an autopilot of clusters sees', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is no older than the last look that saw nothing left to replay, however long nobody committed', async () => {
    expect(await lagsOf([0, 3600, 0])).toEqual([0, 5, 5]);
  });

  it('grows while there is something left to replay, and by what the database knows of its last commit', async () => {
    expect(await lagsOf([0, 3600, 3605, 3610])).toEqual([0, 5, 10, 15]);
    expect(await lagsOf([0, 2, 1])).toEqual([0, 2, 2]);
  });

  it('is the database’s own word until one look saw nothing left', async () => {
    expect(await lagsOf([40, 45])).toEqual([40, 45]);
  });

  it('is none while the database is told nothing', async () => {
    expect(await lagsOf([0, -1])).toEqual([0, -1]);
  });
});
