import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';

/** PEM texts under the keys of a Secret: what readers trust, and what the server shows. */
export interface Certificate {
  readonly 'ca.crt': string;
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
}

/** Ten years: a certificate lives as long as its clusters, which are taken down rather than renewed. */
const days = 3650;
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Makes a server's certificate and the authority that signs it. Nobody keeps the authority's key, so that nothing else is ever
 * signed by it.
 * @param names DNS names of the server
 */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const [authorityKeys, serverKeys] = await Promise.all([newKeys(), newKeys()]);
  const validity = {
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + days * 86_400_000),
  };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: newSerial(),
    name: 'CN=tandem',
    keys: authorityKeys,
    signingAlgorithm: ecdsa,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  const server = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: newSerial(),
    subject: `CN=${names[0] ?? 'server'}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ecdsa,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  });
  const key = KeyObject.from(serverKeys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return {
    'ca.crt': authority.toString('pem'),
    'tls.crt': server.toString('pem'),
    'tls.key': key.toString(),
  };
}

const newKeys = () => webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);

/** Positive and of at most 20 bytes: "Serial Number", RFC 5280. */
const newSerial = (): string => `00${randomBytes(16).toString('hex')}`;
