import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version';
import { Fn, ref, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { tagsOf } from '../../lib/tags';
import { secretsKeyAlias } from '../keys/aws';
import type { DatabaseSecretProps } from './contract';

/**
 * Declares a password that AWS makes up and that is nowhere but in what it is written to: an ephemeral value is in no plan and
 * in no state. Each plan and each apply has another one, so it may only go to write-only arguments that count at creation.
 * @param arn of something in the stack; until that is there Terraform asks AWS for no password, so that a first plan needs none
 */
export function ephemeralPassword(scope: Construct, arn: string): string {
  TerraformStack.of(scope).addOverride('ephemeral.aws_secretsmanager_random_password.initial', {
    password_length: 40,
    // RDS takes no /, @, " and space ("CreateDBInstance", Amazon RDS API Reference), and a URL takes few more.
    exclude_punctuation: true,
    // The colon of the ARN, which is left out anyway: what counts is that it is unknown at first.
    exclude_characters: Fn.substr(arn, 3, 1),
  });
  return Token.asString(ref('ephemeral.aws_secretsmanager_random_password.initial.random_password'));
}

/**
 * The secret and its copy in the peer region. The copy is read-only until its replication is stopped, and reading is all that a
 * failover needs; which region owns the secret follows place, so that no failover changes it.
 */
export function databaseSecret(scope: Construct, props: DatabaseSecretProps): void {
  const { environment, peerRegion, username, database, port, password } = props;
  const name = secretName(environment);
  const secret = new SecretsmanagerSecret(scope, 'database_secret', {
    name,
    description: `Owner of the database of ${environment}`,
    kmsKeyId: props.kmsKeyArn,
    replica: [{ region: peerRegion, kmsKeyId: `alias/${secretsKeyAlias(environment, peerRegion)}` }],
    // In days: the longest that Secrets Manager offers, or none, so that the environment can be made again under the same names.
    recoveryWindowInDays: props.protected ? 30 : 0,
    tags: { ...tagsOf(props), Name: name },
    lifecycle: { preventDestroy: props.protected },
  });
  new SecretsmanagerSecretVersion(scope, 'database_secret_value', {
    secretId: secret.id,
    secretStringWo: Fn.jsonencode({ engine: 'postgres', username, password, dbname: database, port }),
    // Terraform writes it once; a rotation is Secrets Manager's and RDS's business.
    secretStringWoVersion: 1,
    dependsOn: [props.after],
  });
}

/** Both regions' secret for an IAM policy: `??????` are the characters that Secrets Manager adds to a secret's ARN. */
export const databaseSecretArn = (environment: string, region: string, account: string): string =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${secretName(environment)}-??????`;

const secretName = (environment: string): string =>
  physicalName('secret', { environment, component: 'database' });
