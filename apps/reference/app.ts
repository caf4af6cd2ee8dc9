import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Metrics } from './metrics';
import { answerWithProblems } from './problem';

/** The HTTP side before its routes: validation, problems, OpenAPI at /docs, a duration for each request. */
export async function createApp(
  region: string,
  logLevel: string,
  metrics: Metrics,
): Promise<FastifyInstance> {
  const app = fastify({
    logger: { level: logLevel, base: { region } },
    disableRequestLogging: true,
    bodyLimit: 64 * 1024,
    // An id has up to 200 characters; the default refuses more than 100 as if the route were another.
    routerOptions: { maxParamLength: 200 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerWithProblems(app);
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('x-tandem-region', region);
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.requestDuration.observe(
      { route: request.routeOptions.url ?? 'unmatched', method: request.method, status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });
  await app.register(swagger, {
    openapi: { info: { title: 'Tandem reference workload', version: '1.0.0' } },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  return app;
}
