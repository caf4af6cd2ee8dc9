import { z } from 'zod';
import { awsDeployments, bytesOf, configurationOf, stackOf, synthesized } from './graph';
import { at, bothWays, graphOf } from './resources';

const environments = awsDeployments.map((deployment) => ({ name: deployment.environment.name, deployment }));
const backend = z.object({
  region: z.string(),
  bucket: z.string(),
  dynamodb_table: z.string(),
  kms_key_id: z.string(),
  // Beside the table, which older Terraforms ask.
  use_lockfile: z.literal(true),
});
const rules = z.array(
  z.object({
    status: z.literal('Enabled'),
    priority: z.number(),
    filter: z.object({}),
    delete_marker_replication: z.object({ status: z.string() }),
    source_selection_criteria: z.object({ sse_kms_encrypted_objects: z.object({ status: z.string() }) }),
    destination: z.object({
      bucket: z.string(),
      encryption_configuration: z.object({ replica_kms_key_id: z.string() }),
    }),
  }),
);

describe.each(environments)('state of $name', ({ deployment }) => {
  const { regions, account, name } = deployment.environment;
  const { resources } = graphOf(deployment);
  const bucketsOf = (region: string) => ({
    state: `tandem-${name}-${region}-state-${account}`,
    backup: `tandem-${name}-${region}-state-backup-${account}`,
  });

  it('is declared, in the region where it is used, by whatever names every other stack’s backend', () => {
    for (const stack of synthesized([{ ...deployment, mode: 'live' }])) {
      const used = backend.parse(configurationOf(stack).terraform.backend.s3);
      expect(used.region).toBe(stack.region ?? regions[1]);
      const own = configurationOf(stackOf(deployment, 'state', used.region)).resource;
      const values = (type: string, attribute: string) =>
        Object.values(own[type] ?? {}).map((each) => each[attribute]);
      expect(values('aws_s3_bucket', 'bucket')).toContain(used.bucket);
      expect(values('aws_dynamodb_table', 'name')).toEqual([used.dynamodb_table]);
      expect(values('aws_kms_alias', 'name')).toEqual([used.kms_key_id.replace(/.*:/, '')]);
    }
  });

  it('is copied by each region into its peer’s backup bucket, so that no copy is copied again', () => {
    const copies = resources.filter(({ type }) => type === 'aws_s3_bucket_replication_configuration');
    const ofState = copies.filter(({ layer }) => layer === 'state-backup');
    const [first, second] = regions;
    const seen = ofState.map(({ region, attributes }) => ({
      region,
      from: attributes.bucket,
      to: rules.parse(attributes.rule).map(({ destination }) => destination.bucket),
    }));
    expect(seen).toEqual([
      { region: first, from: bucketsOf(first).state, to: [`arn:aws:s3:::${bucketsOf(second).backup}`] },
      { region: second, from: bucketsOf(second).state, to: [`arn:aws:s3:::${bucketsOf(first).backup}`] },
    ]);
  });

  it('is copied encrypted, by the key of the region where the copy is, and without deletions', () => {
    for (const { attributes } of resources.filter(
      ({ layer, type }) => layer === 'state-backup' && type.endsWith('replication_configuration'),
    )) {
      const [rule, ...others] = rules.parse(attributes.rule);
      const peer = regions.find((region) => rule?.destination.bucket.includes(`-${region}-`));
      expect(others).toEqual([]);
      expect(rule).toMatchObject({
        priority: 1,
        filter: {},
        delete_marker_replication: { status: 'Disabled' },
        source_selection_criteria: { sse_kms_encrypted_objects: { status: 'Enabled' } },
      });
      expect(rule?.destination.encryption_configuration.replica_kms_key_id).toContain(
        `:kms:${String(peer)}:`,
      );
    }
  });

  it('refuses to be destroyed in any environment: without state nobody can take the rest down', () => {
    const kept = resources.filter(
      ({ layer, type }) =>
        layer === 'state' && ['aws_s3_bucket', 'aws_dynamodb_table', 'aws_kms_key'].includes(type),
    );
    expect(kept).toHaveLength(2 * 4);
    for (const { attributes } of kept) expect(at(attributes, 'lifecycle.prevent_destroy')).toBe(true);
  });

  it('does not depend on which region is active', () => {
    const [one, other] = bothWays(deployment).map((roles) =>
      [...regions, undefined].map((region) =>
        bytesOf(stackOf(roles, region ? 'state' : 'state-backup', region)),
      ),
    );
    expect(one).toEqual(other);
  });
});
