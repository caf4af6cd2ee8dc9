import { isProtectedByAws, unprotect } from '../../cli/terraform/protection';
import { isStateful } from '../../modules/stateful';
import { awsDeployments, configurationOf, synthesized } from './graph';

jest.setTimeout(60_000);

/** What keeps a resource on AWS, whatever Terraform wants, by Terraform's own words. */
const guards = {
  deletion_protection: true,
  deletion_protection_enabled: true,
  enable_deletion_protection: true,
  force_delete: false,
  force_destroy: false,
} as const;

describe('what tandem down makes of production', () => {
  const production = awsDeployments.filter(({ environment }) => environment.name === 'production');
  const resources = () =>
    stacks.flatMap((stack) =>
      Object.entries(configurationOf(stack).resource).flatMap(([type, named]) =>
        Object.entries(named).map(([name, declared]) => ({ type, address: `${type}.${name}`, declared })),
      ),
    );
  const stacks = synthesized(production);
  const protectedBefore = resources().filter(({ declared }) =>
    Object.entries(guards).some(([attribute, kept]) => declared[attribute] === kept),
  );
  const keptBefore = resources().filter(({ declared }) =>
    JSON.stringify(declared).includes('"prevent_destroy":true'),
  );
  stacks.forEach(unprotect);

  it('has something to lift, and knows every type of it', () => {
    expect(protectedBefore.length).toBeGreaterThan(10);
    expect(protectedBefore.filter(({ type }) => !isProtectedByAws(type))).toEqual([]);
  });

  it('keeps nothing, neither for Terraform nor on AWS', () => {
    const still = resources().filter(
      ({ declared }) =>
        JSON.stringify(declared).includes('"prevent_destroy":true') ||
        Object.entries(guards).some(([attribute, kept]) => declared[attribute] === kept),
    );
    expect(still.map(({ address }) => address)).toEqual([]);
  });

  it('asks by name for everything that Terraform would have kept, but what is listed here', () => {
    const unasked = keptBefore.filter(({ type, declared }) => !isStateful(type, declared));
    expect([...new Set(unasked.map(({ address }) => address))]).toEqual([
      // Bootstrap's, which down leaves.
      'aws_iam_openid_connect_provider.github',
      // Days of logs, and a setting that is made again.
      'aws_cloudwatch_log_group.flow_logs',
      'aws_ecr_replication_configuration.replication',
    ]);
  });

  it('leaves a final snapshot of a primary, and asks for none of a copy', () => {
    for (const { declared } of resources().filter(({ type }) => type === 'aws_db_instance')) {
      expect(declared.skip_final_snapshot).toBe(declared.replicate_source_db !== undefined);
    }
  });
});
