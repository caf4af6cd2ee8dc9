import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, Provider } from '@smithy/types';

/** Whom a token speaks for, and to which cluster. */
export interface CacheIdentity {
  /** The replication group's id. */
  readonly cluster: string;
  /** An ElastiCache user of type `iam`, whose id and name are the same. */
  readonly user: string;
  readonly region: string;
}

/** Seconds that ElastiCache takes a token for a new connection: the longest it allows. */
export const tokenSeconds = 900;

/**
 * Makes the passwords of an IAM user of ElastiCache: each is a request to connect, signed in its query, without its scheme.
 * Source: "Authenticating with IAM", Amazon ElastiCache User Guide. Signing asks nobody; finding credentials may.
 */
export function cacheTokens(
  { cluster, user, region }: CacheIdentity,
  credentials: Provider<AwsCredentialIdentity> = defaultProvider(),
): () => Promise<string> {
  const signer = new SignatureV4({ service: 'elasticache', region, credentials, sha256: Sha256 });
  return async () => {
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname: cluster,
      path: '/',
      headers: { host: cluster },
      query: { Action: 'connect', User: user },
    };
    const { query = {} } = await signer.presign(request, { expiresIn: tokenSeconds });
    const text = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return `${cluster}/?${text.toString()}`;
  };
}
