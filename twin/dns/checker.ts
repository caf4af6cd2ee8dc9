import { setTimeout as sleep } from 'node:timers/promises';
import { endpointStatus, type Status, statusWhen } from './status';
import type { EndpointCheck } from './synthesized';

/** What one health checker thinks of an endpoint, and how many answers in a row have said otherwise. */
interface Opinion {
  readonly status: Status;
  readonly against: number;
}

/** A new health check counts as healthy until there is enough data. */
export const firstOpinion: Opinion = { status: 'healthy', against: 0 };

/**
 * A checker changes its mind after `failureThreshold` consecutive answers against it, in either direction.
 * Source: Route 53 API Reference, "HealthCheckConfig" (FailureThreshold).
 */
export function observe({ status, against }: Opinion, passed: boolean, failureThreshold: number): Opinion {
  if (statusWhen(passed) === status) return { status, against: 0 };
  if (against + 1 < failureThreshold) return { status, against: against + 1 };
  return { status: statusWhen(passed), against: 0 };
}

export interface EndpointWatch {
  /** The checkers' common verdict, before the check's own inversion. */
  readonly status: () => Status;
  /** Settles when every checker has stopped, which they do on `signal` alone. */
  readonly stopped: Promise<unknown>;
}

interface WatchOptions {
  readonly intervalMs: number;
  /** Asks the endpoint once: did it pass? `round` counts up, for it to take several addresses in turn. */
  readonly probe: (round: number) => Promise<boolean>;
  readonly changed: () => void;
  readonly signal: AbortSignal;
}

/**
 * Lets one checker a region ask the endpoint. They do not coordinate: each starts at a time of its own, and waits
 * the interval from an answer to its next request. Source: Route 53 Developer Guide, "Values that you specify when
 * you create or update health checks" (Request interval).
 */
export function watchEndpoint(check: EndpointCheck, options: WatchOptions): EndpointWatch {
  const { intervalMs, probe, changed, signal } = options;
  const opinions = check.regions.map(() => firstOpinion);

  const runChecker = async (checker: number): Promise<void> => {
    try {
      await sleep(Math.random() * intervalMs, undefined, { signal });
      for (let round = checker; ; round++) {
        const passed = await probe(round);
        signal.throwIfAborted();
        opinions[checker] = observe(opinions[checker] ?? firstOpinion, passed, check.failure_threshold);
        changed();
        await sleep(intervalMs, undefined, { signal });
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  };

  return {
    status: () => endpointStatus(opinions.map(({ status }) => status)),
    stopped: Promise.all(check.regions.map((_, checker) => runChecker(checker))),
  };
}
