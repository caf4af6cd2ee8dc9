import { z } from 'zod';
import { roleWords } from '../lib/names';
import { awsRegions } from './aws-regions';
import { oneOf, section, text, whole } from './fields';

const dnsLabel = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/** A name of ours, which becomes part of physical names and of DNS names. */
const label = (example: string) => {
  const allowed = `a lower-case DNS label without a role in it, such as ${example}`;
  return text(/^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, allowed).refine(
    (name) => !name.split('-').some((word) => roleWords.includes(word)),
    allowed,
  );
};

/** Two by place; the first is Route 53's PRIMARY for good, whichever is active. */
const pair = <T extends z.ZodType>(region: T) => z.tuple([region, region], 'two regions');

/** PutRetentionPolicy, Amazon CloudWatch Logs API Reference. */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** What fails over without a person (docs/autopilot.md); `observe` only says what it would do. */
const autopilotMode = oneOf(['observe', 'act']).default('observe');

const common = {
  name: label('production'),
  regions: pair(label('east')),
  /** The public name is `<host>.<zone>`: a CNAME, which is why it can't be the zone itself. */
  dns: section({
    zone: text(
      new RegExp(`^(?=.{1,253}$)(?:${dnsLabel}\\.)+(?!\\d+$)${dnsLabel}$`),
      'a domain in lower case, such as tandem.example',
    ),
    host: text(new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`), 'lower-case DNS labels, such as app').default(
      'app',
    ),
    /** How long a client keeps going to the lost region after Route 53 has turned: part of the RTO. */
    ttlSeconds: whole(1, 300).default(30),
  }),
  /** Ranges: "Values that you specify when you create or update health checks", Amazon Route 53 Developer Guide. */
  healthCheck: section({
    path: text(/^\/[\x21-\x7e]{0,254}$/, 'a path of at most 255 characters, such as /ready').default(
      '/ready',
    ),
    intervalSeconds: z.literal([10, 30], '10 or 30, which are all that Route 53 offers').default(30),
    failureThreshold: whole(1, 10).default(3),
  }).prefault({}),
  /** What a drill is held to. */
  objectives: section({
    rtoSeconds: whole(1, 86_400).default(300),
    rpoSeconds: whole(0, 86_400).default(30),
    availabilityPercent: z
      .number('a number from 90 to below 100')
      .min(90, 'a number from 90 to below 100')
      .lt(100, 'a number from 90 to below 100')
      .default(99.9),
  }).prefault({}),
};

/** An environment on AWS, field by field; what several fields have to be together is in rules.ts. */
export const aws = section({
  ...common,
  target: z.literal('aws'),
  regions: pair(
    z.enum(awsRegions, 'an AWS region with three zones and ElastiCache Global Datastore, such as us-east-1'),
  ),
  /** Names what a region can't look up in its peer: ARNs are made of it and of names. */
  account: text(/^\d{12}$/, 'an AWS account id of 12 digits in quotes, such as 111122223333'),
  /** Whose workflows may plan and deploy: GitHub's OIDC tokens name it. */
  repository: text(/^[\w.-]+\/[\w.-]+$/, 'a GitHub repository, such as owner/name'),
  /** An account has one OIDC provider for GitHub: this environment declares it, or another one of the same account does. */
  oidcProvider: oneOf(['own', 'shared']).default('own'),
  /** Stateful resources refuse to be destroyed, by Terraform and by AWS. */
  protected: z.boolean('true or false').default(false),
  /** The days that log groups keep, as CloudWatch offers them. */
  logRetentionDays: z.literal(logRetentionDays, `one of ${logRetentionDays.join(', ')}`).default(30),
  network: section({
    /** Both regions' VPCs, a /16 each; no other environment's may overlap. */
    cidr: text(
      /^10\.(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])\.0\.0\/15$/,
      'a /15 of 10.0.0.0/8 with an even second number, such as 10.4.0.0/15',
    ).refine(
      (cidr) => Number(cidr.split('.')[1]) % 2 === 0,
      'a /15 of 10.0.0.0/8 with an even second number, such as 10.4.0.0/15',
    ),
    natGateways: oneOf(['zone', 'one']).default('zone'),
    /** How the regions' VPCs meet. */
    connection: oneOf(['peering', 'transit-gateway']).default('peering'),
  }),
  /** EKS, in each region. Most nodes of a group: "Amazon EKS endpoints and quotas", AWS General Reference. */
  cluster: section({
    instanceType: text(
      /^[a-z][a-z0-9-]*\.(nano|micro|small|medium|\d*x?large|metal[a-z0-9-]*)$/,
      'an EC2 instance type, such as t3.large',
    ).default('t3.large'),
    minNodes: whole(1, 450).default(2),
    maxNodes: whole(1, 450).default(4),
    /** Who may reach the API server from outside the VPC; nobody when empty. Never everybody. */
    publicAccessCidrs: z
      .array(
        text(
          /^(\d{1,3}\.){3}\d{1,3}\/([89]|[12]\d|3[0-2])$/,
          'an IPv4 network from /8 to /32, such as 203.0.113.0/24',
        ),
        'a list of IPv4 networks',
      )
      .default([]),
  }).prefault({}),
  /** RDS, in each region. Ranges of storage: "Amazon RDS DB instance storage", Amazon RDS User Guide. */
  postgres: section({
    instanceClass: text(
      /^db\.[a-z]+\d[a-z]*\.(micro|small|medium|\d*x?large)$/,
      'an RDS instance class, such as db.r6i.2xlarge',
    ),
    multiAz: z.boolean('true or false').default(true),
    storageGb: whole(20, 65_536).default(20),
    storageType: oneOf(['gp3']).default('gp3'),
    /** Not 0, RDS's "no backups": an instance without backups can have no replica (CreateDBInstanceReadReplica). */
    backupDays: whole(1, 35).default(7),
    /** In each region. RDS has 15 of an instance ("Working with DB instance read replicas"); the peer region is one. */
    readReplicas: whole(0, 14).default(0),
  }),
  /** ElastiCache for Valkey, in each region: "Quotas for ElastiCache", Amazon ElastiCache User Guide. */
  cache: section({
    nodeType: text(
      /^cache\.[a-z]+\d[a-z]*\.(large|\d*xlarge)$/,
      'an ElastiCache node type from size large, which Global Datastore needs, such as cache.r6g.large',
    ),
    shards: whole(1, 500).default(1),
    /** A primary and its replicas. */
    nodesPerShard: whole(1, 6).default(2),
  }),
  /** In each region, acting where its region is the standby. */
  autopilot: section({
    mode: autopilotMode,
    /** Recorded when it is released: without one nothing runs. */
    image: text(
      /^sha256:[0-9a-f]{64}$/,
      'the digest of an image: sha256: and 64 hexadecimal digits',
    ).optional(),
  }).prefault({}),
});

/** An environment on clusters or processes of our own. */
export const kubernetes = section({
  ...common,
  target: z.literal('kubernetes'),
  postgres: section({ storageGb: whole(1, 65_536).default(10) }).prefault({}),
  /** Whether the standby's Valkey is a replica of the active region's: warm with what that served, deaf to its own. */
  cache: section({ replicated: z.boolean('true or false').default(false) }).prefault({}),
  autopilot: section({ mode: autopilotMode }).prefault({}),
  /** Whether an operator of Prometheus in the clusters reads the exporters too; its custom resources have to be there before. */
  serviceMonitors: z.boolean('true or false').default(false),
});

/** What can be said of an environment whose target is not known yet. */
export const shared = z.object({ ...common, target: oneOf(['aws', 'kubernetes']) });

/** What every target's environment has. */
export type CommonFields = z.output<typeof shared>;
export type AwsEnvironment = z.output<typeof aws>;
export type KubernetesEnvironment = z.output<typeof kubernetes>;

/** An environment as its file writes it, and as it is after parsing, with every default filled in. */
export type EnvironmentInput = z.input<typeof aws> | z.input<typeof kubernetes>;
export type Environment = AwsEnvironment | KubernetesEnvironment;
