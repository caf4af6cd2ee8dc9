import { createPrivateKey, X509Certificate } from 'node:crypto';
import { makeCertificate } from '../../cli/kubernetes/certificate';

it('makes a certificate that its own authority signed, for the names of the server', async () => {
  const made = await makeCertificate(['postgres', 'localhost']);
  const [authority, server] = [new X509Certificate(made['ca.crt']), new X509Certificate(made['tls.crt'])];
  expect(authority.ca).toBe(true);
  expect(server.ca).toBe(false);
  expect(server.verify(authority.publicKey)).toBe(true);
  expect(server.checkIssued(authority)).toBe(true);
  expect(server.checkPrivateKey(createPrivateKey(made['tls.key']))).toBe(true);
  expect(server.checkHost('postgres')).toBe('postgres');
  expect(server.checkHost('elsewhere')).toBeUndefined();
  expect(Date.parse(server.validTo)).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000);
  expect(Date.parse(server.validFrom)).toBeLessThan(Date.now());
});

it('makes another each time', async () => {
  const [one, other] = await Promise.all([makeCertificate(['a']), makeCertificate(['a'])]);
  expect(one['ca.crt']).not.toBe(other['ca.crt']);
});
