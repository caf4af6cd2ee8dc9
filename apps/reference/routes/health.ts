import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Cache } from '../cache';
import { type Gate, roles } from '../gate';
import type { Metrics } from '../metrics';

const readiness = z.object({
  region: z.string(),
  role: z.enum(roles),
  writable: z.boolean(),
  reason: z.string().optional(),
  epoch: z.int().nullable(),
  cache: z.enum(['ok', 'degraded', 'off']),
});

/** What load balancers, Route 53, the peer and Prometheus ask. */
export function healthRoutes(
  app: FastifyInstance,
  region: string,
  gate: Gate,
  cache: Cache,
  metrics: Metrics,
): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/health',
    {
      schema: {
        summary: 'The process is alive',
        response: { 200: z.object({ status: z.literal('ok'), region: z.string() }) },
      },
    },
    () => ({ status: 'ok' as const, region }),
  );

  typed.get(
    '/ready',
    { schema: { summary: 'The region may take traffic', response: { 200: readiness, 503: readiness } } },
    async (_request, reply) => {
      const { role, epoch, refusal } = gate.state;
      return reply.code(role === 'active' || role === 'standby' ? 200 : 503).send({
        region,
        role,
        writable: refusal === undefined,
        ...(refusal !== undefined && { reason: refusal }),
        epoch,
        cache: cache.state,
      });
    },
  );

  typed.get('/metrics', { schema: { summary: 'Metrics for Prometheus' } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
