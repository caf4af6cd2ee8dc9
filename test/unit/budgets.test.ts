import fc from 'fast-check';
import { detectionSeconds, phaseBudgets } from '../../failover/budgets';
import { phases } from '../../failover/engine';

const timing = fc.record({
  healthCheckIntervalSeconds: fc.double({ min: 0.1, max: 30, noNaN: true }),
  failureThreshold: fc.integer({ min: 1, max: 10 }),
  ttlSeconds: fc.integer({ min: 0, max: 300 }),
});

describe('the budgets', () => {
  it('are one for each phase, under its own name', () => {
    const budgets = phaseBudgets(
      { healthCheckIntervalSeconds: 30, failureThreshold: 3, ttlSeconds: 30 },
      { startSeconds: 60, planSeconds: 30 },
    );
    expect(Object.keys(budgets)).toEqual(phases.map(({ name }) => name));
    expect(Object.values(budgets).map(({ name }) => name)).toEqual(Object.keys(budgets));
    expect(Object.values(budgets).every(({ seconds }) => seconds > 0)).toBe(true);
  });

  it('leave room for what Route 53 and the resolvers take by rule', () => {
    expect(detectionSeconds({ healthCheckIntervalSeconds: 30, failureThreshold: 3, ttlSeconds: 30 })).toBe(
      90,
    );
    fc.assert(
      fc.property(timing, (given) => {
        const { preflight, detect, route, fence, switchover } = phaseBudgets(given, {
          startSeconds: 60,
          planSeconds: 30,
        });
        const detection = detectionSeconds(given);
        // The last good answer may come just before the fault.
        expect(detect.seconds).toBeGreaterThan(detection + given.healthCheckIntervalSeconds);
        expect(route.seconds).toBeGreaterThan(given.ttlSeconds);
        expect(switchover.seconds).toBeGreaterThan(detection + given.ttlSeconds);
        for (const { seconds } of [preflight, fence]) expect(seconds).toBeGreaterThan(detection);
      }),
    );
  });
});
