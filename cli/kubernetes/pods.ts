import { z } from 'zod';
import type { Clusters } from '../../environments/clusters';
import { kubectl } from '../../lib/command';
import { reasonOf } from '../../lib/errors';
import { namespace } from '../../lib/in-cluster';

const waiting = z.object({ reason: z.string().default('waiting'), message: z.string().default('') });

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        phase: z.string(),
        conditions: z
          .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
          .default([]),
        initContainerStatuses: z.array(containerStatus()).default([]),
        containerStatuses: z.array(containerStatus()).default([]),
      }),
    }),
  ),
});

function containerStatus() {
  return z.object({
    name: z.string(),
    ready: z.boolean(),
    restartCount: z.number(),
    state: z.object({ waiting: waiting.optional() }),
  });
}

/** A pod as people ask for it. */
export interface Pod {
  readonly name: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** Why it is not ready, in Kubernetes' words. */
  readonly trouble?: string;
}

/** The pods of an environment in one cluster. @throws TandemError CommandMissing, CommandFailed */
export async function podsOf(context: string, signal?: AbortSignal): Promise<readonly Pod[]> {
  const json = await kubectl(context, ['get', 'pods', '-n', namespace, '-o', 'json'], { signal });
  return podList.parse(JSON.parse(json)).items.map(({ metadata: { name }, status }) => {
    const containers = [...status.initContainerStatuses, ...status.containerStatuses];
    const ready = status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    const unmet = status.conditions.find(
      ({ status: is, message }) => is === 'False' && message !== undefined,
    );
    const stuck = containers.find(({ state }) => state.waiting && state.waiting.reason !== 'PodInitializing');
    const why = stuck?.state.waiting
      ? `${stuck.name}: ${stuck.state.waiting.reason} ${stuck.state.waiting.message}`.trim()
      : (unmet?.message ?? status.phase);
    const restarts = containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
    return { name, ready, restarts, ...(!ready && { trouble: why }) };
  });
}

/** A line for each pod that is not ready, in both regions; a region that can not be asked is one. */
export async function troublesOf({ regions }: Clusters): Promise<readonly string[]> {
  const lines = await Promise.all(
    Object.entries(regions).map(async ([region, { context }]) => {
      try {
        const pods = await podsOf(context);
        return pods.flatMap(({ name, trouble }) =>
          trouble ? `${region}: ${name} is not ready: ${trouble}` : [],
        );
      } catch (thrown) {
        return [`${region}: ${reasonOf(thrown)}`];
      }
    }),
  );
  return lines.flat();
}
