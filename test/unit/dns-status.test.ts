import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstOpinion, observe, watchEndpoint } from '../../twin/dns/checker';
import { calculatedStatus, endpointStatus, reportedStatus, type Status } from '../../twin/dns/status';
import { readZone } from '../../twin/dns/zone';
import { loadBalancers, trafficStack } from '../support/traffic-stack';

const status = fc.constantFrom<Status>('healthy', 'unhealthy');

/** `healthy` checkers or children of `all`. */
const mix = (healthy: number, all: number): Status[] =>
  Array.from({ length: all }, (_, one) => (one < healthy ? 'healthy' : 'unhealthy'));

describe('an endpoint, from its checkers', () => {
  it.each([
    [8, 2, 'healthy'],
    [8, 1, 'unhealthy'],
    [3, 1, 'healthy'],
    [50, 9, 'unhealthy'], // exactly 18 %
    [50, 10, 'healthy'],
  ])('of %d checkers, %d healthy: %s', (all, healthy, expected) => {
    expect(endpointStatus(mix(healthy, all))).toBe(expected);
  });

  it('is healthy when more than 18 % of them say so, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(status, { minLength: 1, maxLength: 64 }), (checkers) => {
        const share = checkers.filter((one) => one === 'healthy').length / checkers.length;
        fc.pre(Math.abs(share - 0.18) > 1e-9);
        expect(endpointStatus(checkers)).toBe(share > 0.18 ? 'healthy' : 'unhealthy');
        expect(endpointStatus(checkers.toReversed())).toBe(endpointStatus(checkers));
      }),
    );
  });
});

describe('a calculated check, from its children', () => {
  it('is healthy from the threshold on: 0 always, more than there are never', () => {
    fc.assert(
      fc.property(fc.nat(256), fc.nat(256), fc.nat(256), (healthy, unhealthy, threshold) => {
        expect(calculatedStatus(mix(healthy, healthy + unhealthy), threshold)).toBe(
          healthy >= threshold ? 'healthy' : 'unhealthy',
        );
        expect(calculatedStatus(mix(healthy, healthy + unhealthy), 0)).toBe('healthy');
        expect(calculatedStatus(mix(healthy, healthy), healthy + 1)).toBe('unhealthy');
      }),
    );
  });
});

describe('a checker', () => {
  const opinionAfter = (answers: readonly boolean[], threshold: number) =>
    answers.reduce((opinion, passed) => observe(opinion, passed, threshold), firstOpinion).status;

  it('counts a new endpoint as healthy until as many failures in a row as the threshold', () => {
    expect(opinionAfter([], 3)).toBe('healthy');
    expect(opinionAfter([false, false], 3)).toBe('healthy');
    expect(opinionAfter([false, false, true, false, false], 3)).toBe('healthy');
    expect(opinionAfter([false, false, false], 3)).toBe('unhealthy');
    expect(opinionAfter([false, false, false, true, true], 3)).toBe('unhealthy');
    expect(opinionAfter([false, false, false, true, true, true], 3)).toBe('healthy');
  });

  it('says what the last run of answers as long as the threshold said', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        (answers, threshold) => {
          const runs = answers
            .map((_, end) => answers.slice(end + 1 - threshold, end + 1))
            .filter((run, end) => end + 1 >= threshold && run.every((passed) => passed === run[0]));
          expect(opinionAfter(answers, threshold)).toBe(runs.at(-1)?.[0] === false ? 'unhealthy' : 'healthy');
        },
      ),
    );
  });
});

describe('the checkers of an endpoint', () => {
  const { endpoints } = readZone({ synthesized: trafficStack(), loadBalancers }).healthChecks;

  it('ask on their own, each round after round, until they are stopped', async () => {
    const stopping = new AbortController();
    const rounds: number[] = [];
    let changes = 0;
    const watches = [...endpoints.values()].slice(0, 1).map((check) =>
      watchEndpoint(check, {
        intervalMs: 20,
        probe: (round) => {
          rounds.push(round);
          return Promise.resolve(false);
        },
        changed: () => changes++,
        signal: stopping.signal,
      }),
    );
    expect(watches.map((watch) => watch.status())).toEqual(['healthy']);
    await sleep(400);
    stopping.abort();
    await Promise.all(watches.map(({ stopped }) => stopped));
    expect(watches.map((watch) => watch.status())).toEqual(['unhealthy']);
    // Eight checkers begin at 0 to 7, so that they do not all ask the same address.
    expect(new Set(rounds)).toEqual(
      new Set(Array.from({ length: Math.max(...rounds) + 1 }, (_, round) => round)),
    );
    expect(Math.max(...rounds)).toBeGreaterThan(7);
    const asked = rounds.length;
    expect(changes).toBe(asked);
    await sleep(50);
    expect(rounds).toHaveLength(asked);
  });
});

describe('what a check reports', () => {
  it.each<[disabled: boolean, inverted: boolean, monitored: Status, reported: Status]>([
    [false, false, 'healthy', 'healthy'],
    [false, false, 'unhealthy', 'unhealthy'],
    [false, true, 'healthy', 'unhealthy'],
    [false, true, 'unhealthy', 'healthy'],
    [true, false, 'unhealthy', 'healthy'],
    [true, true, 'healthy', 'unhealthy'],
    [true, true, 'unhealthy', 'unhealthy'],
  ])('disabled %s, inverted %s, %s: %s', (disabled, invert_healthcheck, monitored, reported) => {
    expect(reportedStatus({ disabled, invert_healthcheck }, monitored)).toBe(reported);
  });
});
