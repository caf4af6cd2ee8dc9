import { createHash, createHmac } from 'node:crypto';
import { cacheTokens } from '../../apps/reference/cache-token';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'a+session/token==',
};

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** "Create a signed AWS API request", AWS Identity and Access Management User Guide, worked by hand. */
function signatureOf(host: string, query: URLSearchParams): string {
  const rest = [...query].filter(([name]) => name !== 'X-Amz-Signature');
  const sorted = rest.map((pair) => pair.map(encodeURIComponent).join('=')).toSorted();
  const empty = createHash('sha256').update('').digest('hex');
  const request = ['GET', '/', sorted.join('&'), `host:${host}`, '', 'host', empty].join('\n');
  const date = query.get('X-Amz-Date') ?? '';
  const day = date.slice(0, 8);
  const scope = `${day}/us-west-2/elasticache/aws4_request`;
  const hashed = createHash('sha256').update(request).digest('hex');
  const steps = [day, 'us-west-2', 'elasticache', 'aws4_request'];
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, hashed].join('\n')).toString('hex');
}

it('signs a request to connect as the user, which a quarter of an hour may show', async () => {
  const cluster = 'tandem-production-us-west-2-cache-g2';
  const identity = { cluster, user: 'tandem-production-us-west-2-workload', region: 'us-west-2' };
  const token = await cacheTokens(identity, () => Promise.resolve(credentials))();
  expect(token.startsWith(`${cluster}/?`)).toBe(true);
  const query = new URL(`http://${token}`).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    Action: 'connect',
    User: identity.user,
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': credentials.sessionToken,
    'X-Amz-SignedHeaders': 'host',
  });
  expect(query.get('X-Amz-Signature')).toBe(signatureOf(cluster, query));
});
