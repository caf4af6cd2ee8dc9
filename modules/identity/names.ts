import { physicalName } from '../../lib/names';

/** What has to be known by name elsewhere: who administers a cluster, and what bounds every role. */
export const deployRoleArn = (account: string, environment: string): string =>
  `arn:aws:iam::${account}:role/${physicalName('iamRole', { environment, component: 'deploy' })}`;

/** The permissions boundary of every role that the deploy role makes. */
export const boundaryArn = (account: string, environment: string): string =>
  `arn:aws:iam::${account}:policy/${physicalName('iamPolicy', { environment, component: 'boundary' })}`;
