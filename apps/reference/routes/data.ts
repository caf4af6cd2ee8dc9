import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Cache } from '../cache';
import { Problem, problemResponse } from '../problem';
import type { Store } from '../store';

const id = z.string().regex(/^[A-Za-z0-9._:-]{1,200}$/, '1 to 200 of the characters A-Z a-z 0-9 . _ : -');
const idPart = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{0,200}$/, 'at most 200 of the characters A-Z a-z 0-9 . _ : -');

const item = z.object({ id: z.string(), value: z.unknown(), createdAt: z.iso.datetime() });

const unreachable = { 503: problemResponse('The database of this region does not answer') };
const refused = { 503: problemResponse('This region takes no writes now, or its database does not answer') };
const invalid = { 400: problemResponse('The request has mistakes; all of them are listed') };

/** A cached text as an item; undefined for what somebody else wrote under the key. */
function parsed(text: string): z.output<typeof item> | undefined {
  try {
    return item.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Create, read and delete; a value never changes, so that a retried write is safe. */
export function dataRoutes(app: FastifyInstance, store: Store, cache: Cache): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.post(
    '/data',
    {
      schema: {
        summary: 'Store a value; the same id and value again is a safe retry',
        body: z.object({
          id: id.optional(),
          value: z.unknown().refine((value) => value !== undefined, 'any JSON value, null included'),
        }),
        response: {
          200: item,
          201: item,
          ...invalid,
          409: problemResponse('The id has another value'),
          ...refused,
        },
      },
    },
    async ({ body }, reply) => {
      const { item, created } = await store.insert(body.id ?? randomUUID(), body.value);
      await cache.invalidate(item.id);
      return reply.code(created ? 201 : 200).send(item);
    },
  );

  typed.get(
    '/data/:id',
    {
      schema: {
        summary: 'Read a value, from the cache where it is there',
        params: z.object({ id }),
        response: { 200: item, ...invalid, 404: problemResponse('No value has this id'), ...unreachable },
      },
    },
    async ({ params }, reply) => {
      const { result, text } = await cache.get(params.id);
      void reply.header('x-cache', result);
      const cached = text === undefined ? undefined : parsed(text);
      if (cached) return cached;
      const found = await store.find(params.id);
      if (!found) throw new Problem(404, 'NotFound', { id: params.id });
      if (result !== 'degraded') await cache.set(params.id, JSON.stringify(found));
      return found;
    },
  );

  typed.get(
    '/data',
    {
      schema: {
        summary: 'List values in the order of their ids',
        querystring: z.object({
          prefix: idPart.default(''),
          after: idPart.default(''),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: {
          200: z.object({ items: z.array(item), next: z.string().nullable() }),
          ...invalid,
          ...unreachable,
        },
      },
    },
    ({ query }) => store.list(query),
  );

  typed.delete(
    '/data/:id',
    {
      schema: {
        summary: 'Delete a value; one that is gone already is no error',
        params: z.object({ id }),
        response: { 204: z.undefined(), ...invalid, ...refused },
      },
    },
    async ({ params }, reply) => {
      await store.remove(params.id);
      await cache.invalidate(params.id);
      return reply.code(204).send();
    },
  );
}
