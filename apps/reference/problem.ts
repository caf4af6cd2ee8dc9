import type { FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';

const titles = {
  BodyUnusable: 'The body can not be read',
  DatabaseUnreachable: 'The database of this region does not answer',
  InternalError: 'The request failed',
  NotFound: 'There is nothing here',
  RequestInvalid: 'The request has mistakes',
  ValueConflict: 'The id exists with another value',
  ValueUnstorable: 'PostgreSQL can not hold this value as JSONB',
  WritesRefused: 'This region takes no writes now',
} as const;

export type ProblemCode = keyof typeof titles;

/** An error as a client reads it (RFC 9457, "Problem Details for HTTP APIs"). */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly code: ProblemCode,
    readonly more: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(titles[code], { cause });
  }

  get body(): z.output<typeof problemBody> {
    const { status, code, message: title, more } = this;
    return { type: `tag:tandem.example,2026:problem:${code}`, title, status, code, ...more };
  }
}

const problemBody = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
});

/** The entry of a route's `response` for an answer that is a problem. */
export const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
});

/** Every error of the application leaves as a problem; those that time may mend say when to try again. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const problem = problemOf(thrown);
    if (problem.status === 500) request.log.error(thrown);
    if (problem.status === 503) void reply.header('retry-after', '1');
    return reply.code(problem.status).type('application/problem+json').send(problem.body);
  });
  app.setNotFoundHandler(() => {
    throw new Problem(404, 'NotFound');
  });
}

const clientError = z.object({ statusCode: z.int().min(400).max(499), message: z.string() });

function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const mistakes = thrown.validation.map(({ instancePath, message }) => ({ path: instancePath, message }));
    return new Problem(400, 'RequestInvalid', { in: thrown.validationContext, mistakes });
  }
  const refused = clientError.safeParse(thrown);
  if (refused.success) {
    return new Problem(refused.data.statusCode, 'BodyUnusable', { detail: refused.data.message });
  }
  return new Problem(500, 'InternalError');
}
