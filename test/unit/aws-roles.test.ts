import { createServer, type Server } from 'node:http';
import { z } from 'zod';
import { type AwsEnvironment, loadEnvironment } from '../../environments';
import type { Roles } from '../../environments/roles';
import { actualRoles, type ActualRoles, disagreements } from '../../failover/targets/aws-roles';
import { TandemError } from '../../lib/errors';

const [east, west] = ['us-east-1', 'us-west-2'] as const;
const declared: Roles = {
  [east]: { role: 'active', generation: 1 },
  [west]: { role: 'standby', generation: 1 },
};
const copy = (region: string, generation: number, of?: string) => ({
  identifier: `tandem-production-${region}-postgres-g${generation}`,
  generation,
  status: 'available',
  ...(of && { copyOf: of }),
});
const is = (...answer: ReturnType<typeof copy>[]) => ({ reached: true, answer }) as const;
const gone = { reached: false, reason: 'no answer' } as const;

describe('what AWS is and roles.json does not say', () => {
  const rows: [title: string, actual: ActualRoles, sentence: RegExp | undefined][] = [
    ['nothing, as declared', { [east]: is(copy(east, 1)), [west]: is(copy(west, 1, 'arn:east')) }, undefined],
    ['nothing, before the first up', { [east]: is(), [west]: is() }, undefined],
    [
      'nothing, between the two regions of a first up',
      { [east]: is(copy(east, 1)), [west]: is() },
      undefined,
    ],
    ['nothing of a region that is gone', { [east]: gone, [west]: is(copy(west, 1, 'arn:east')) }, undefined],
    ['a promoted standby', { [east]: gone, [west]: is(copy(west, 1)) }, /^us-west-2 .* it was promoted$/],
    [
      'an active region that copies',
      { [east]: is(copy(east, 1, 'arn:west')), [west]: is(copy(west, 1)) },
      /^us-east-1 is declared active, .* is a copy of arn:west$/,
    ],
    [
      'a rebuilt region',
      { [east]: is(copy(east, 2, 'arn:west')), [west]: is(copy(west, 1, 'arn:east')) },
      /^us-east-1 is declared active of generation 1, and has .*-g2 of generation 2$/,
    ],
    [
      'a lost primary',
      { [east]: is(), [west]: is(copy(west, 1, 'arn:east')) },
      /^us-east-1 is declared active, and has no database$/,
    ],
  ];
  it.each(rows)('%s', (_, actual, sentence) => {
    const found = disagreements(declared, actual);
    expect(found[0] ?? '').toMatch(sentence ?? /^$/);
  });
});

describe('asking RDS through its SDK', () => {
  let server: Server;
  let answerFrom: (region: string, body: string) => string | undefined;
  let status: number;
  const before = { ...process.env };
  const production = aws(loadEnvironment('production'));

  beforeAll(async () => {
    server = createServer((request, response) => {
      const region = /\/\d{8}\/([\w-]+)\/rds\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const answer = answerFrom(region, decodeURIComponent(body));
        if (answer === undefined) return request.socket.destroy();
        response.writeHead(status, { 'content-type': 'text/xml' }).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(server.address());
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });
  beforeEach(() => (status = 200));
  afterAll(() => {
    process.env = before;
    server.close();
  });

  const described = (identifier: string, source = '') =>
    `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>
      <DBInstanceIdentifier>${identifier}</DBInstanceIdentifier><DBInstanceStatus>available</DBInstanceStatus>${source}
    </DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`;

  it('tells a primary, a copy by its source, and the generations around the declared one', async () => {
    const asked: string[] = [];
    answerFrom = (region, body) => {
      asked.push(body);
      const source = `<ReadReplicaSourceDBInstanceIdentifier>arn:east</ReadReplicaSourceDBInstanceIdentifier>`;
      return described(`tandem-production-${region}-postgres-g1`, region === west ? source : '');
    };
    expect(await actualRoles(production, declared, new AbortController().signal)).toEqual({
      [east]: is(copy(east, 1)),
      [west]: is(copy(west, 1, 'arn:east')),
    });
    expect(asked.join()).toContain('postgres-g2');
  });

  it('takes a region that hangs up for one that can not be reached, and still hears the other', async () => {
    answerFrom = (region) =>
      region === east ? undefined : described(`tandem-production-${region}-postgres-g1`);
    const actual = await actualRoles(production, declared, new AbortController().signal);
    expect(actual[east]).toMatchObject({ reached: false });
    expect(actual[west]).toMatchObject({ reached: true });
  });

  it('takes a no for an error, and not for an outage', async () => {
    status = 403;
    answerFrom = () =>
      '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>';
    const asked = actualRoles(production, declared, new AbortController().signal);
    await expect(asked).rejects.toMatchObject({ code: 'AwsRefused' });
  });

  it('ends with the command that asked', async () => {
    answerFrom = () => described('x');
    const asked = actualRoles(
      production,
      declared,
      AbortSignal.abort(new DOMException('over', 'AbortError')),
    );
    await expect(asked).rejects.toThrow('over');
  });
});

function aws(environment: ReturnType<typeof loadEnvironment>): AwsEnvironment {
  if (environment.target === 'aws') return environment;
  throw new TandemError('Unexpected', {
    found: environment.target,
    expected: 'aws',
    next: 'see environments/',
  });
}
