import { createServer } from 'node:http';
import { once } from 'node:events';
import { z } from 'zod';
import { Tandem } from '../support/tandem';
import { Bench, type Workload } from '../support/workload';

const listed = z.object({ items: z.array(z.unknown()) });

async function smoke(url: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const tandem = new Tandem(['smoke', 'dev', '--url', url]);
  const ended = await tandem.ended;
  tandem.remove();
  return ended;
}

describe('tandem smoke', () => {
  let bench: Bench;
  let workload: Workload;
  beforeAll(async () => {
    bench = await Bench.create();
    workload = await bench.workload(await bench.primary());
  });
  afterAll(() => bench.close());

  it('is content with the real workload, and leaves nothing there', async () => {
    const { code, output } = await smoke(`http://${workload.host}:${workload.port}`);
    expect({ code, output }).toEqual({ code: 0, output });
    expect(output).toContain('is ready, and us-east-1 takes writes');
    expect(listed.parse((await workload.get('/data')).body)).toEqual({ items: [] });
  });

  it.each([
    ['answers another value than was written', 201, { id: 'x', value: 'another' }, 'another'],
    ['does not take the write', 503, {}, 'the write was answered with 503'],
  ])('fails when a workload, here a fake, %s', async (_, written, value, said) => {
    const fake = createServer(({ method, url }, response) => {
      const ready = { region: 'us-east-1', role: 'active', writable: true };
      response.statusCode = method === 'POST' ? written : 200;
      response.end(JSON.stringify(url === '/ready' ? ready : value));
    }).listen(0, '127.0.0.1');
    await once(fake, 'listening');
    const { port } = z.object({ port: z.number() }).parse(fake.address());
    const { code, output } = await smoke(`http://127.0.0.1:${port}`);
    fake.close();
    expect(output).toContain('(SmokeFailed)');
    expect(output).toContain(said);
    expect(code).toBe(1);
  });
});
