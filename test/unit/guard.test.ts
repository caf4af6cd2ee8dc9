import { guard, refusalsIn } from '../../cli/terraform/guard';

/** As `terraform show -json` writes a change; by hand, nothing in it was measured (test/provider/guard.test.ts plans for real). */
const planWith = (type: string, change: object, more: object = {}) => ({
  resource_changes: [
    {
      address: `${type}.one`,
      type,
      change: {
        before: {},
        after: {},
        after_unknown: {},
        before_sensitive: {},
        after_sensitive: {},
        ...change,
      },
      ...more,
    },
  ],
});
const destroy = { actions: ['delete'], after: null };
const replace = { actions: ['delete', 'create'], replace_paths: [['identifier'], ['a', 0, 'b']] };
const database = 'aws_db_instance';

describe('refuses', () => {
  it('to destroy what is stateful', () => {
    expect(refusalsIn(planWith(database, destroy))).toMatchObject([
      { address: `${database}.one`, reason: 'would be destroyed' },
    ]);
  });

  it.each([[['delete', 'create']], [['create', 'delete']]])(
    'to replace it, in either order (%s), and says what forces it',
    (actions) => {
      expect(refusalsIn(planWith(database, { ...replace, actions }))).toMatchObject([
        { reason: 'would be replaced, because identifier, a.0.b changes' },
      ]);
    },
  );

  it('to replace what is tainted, with another way out', () => {
    const plan = planWith(database, replace, { action_reason: 'replace_because_tainted' });
    const [refusal] = refusalsIn(plan);
    expect(refusal?.reason).toContain('tainted');
    expect(refusal?.next).toContain('terraform untaint');
  });

  it('to make a copy of a standing primary', () => {
    const plan = planWith(database, {
      actions: ['update'],
      before: { replicate_source_db: '' },
      after: { replicate_source_db: 'arn:peer' },
    });
    expect(refusalsIn(plan)).toMatchObject([
      { reason: 'would be told to copy: replicate_source_db (none) → arn:peer' },
    ]);
  });

  it('to make a copy of what is known only later', () => {
    const plan = planWith(database, {
      actions: ['update'],
      before: { replicate_source_db: null },
      after_unknown: { replicate_source_db: true },
    });
    expect(refusalsIn(plan)).toHaveLength(1);
  });

  it('to promote by applying', () => {
    const plan = planWith(database, {
      actions: ['update'],
      before: { replicate_source_db: 'arn:peer' },
      after: { replicate_source_db: null },
    });
    expect(refusalsIn(plan)[0]?.next).toContain('tandem failover');
  });

  it('a public zone’s end, and not a private one’s', () => {
    const zone = (vpc: unknown) => refusalsIn(planWith('aws_route53_zone', { ...destroy, before: { vpc } }));
    expect(zone([])).toHaveLength(1);
    expect(zone([{ vpc_id: 'vpc-1' }])).toEqual([]);
  });
});

describe('lets pass', () => {
  it.each([
    ['what is not stateful', planWith('aws_security_group', destroy)],
    ['a creation', planWith(database, { actions: ['create'], before: null })],
    [
      'an update that leaves the source',
      planWith(database, {
        actions: ['update'],
        before: { replicate_source_db: 'arn:peer', multi_az: false },
        after: { replicate_source_db: 'arn:peer', multi_az: true },
      }),
    ],
    ['what is forgotten and stays', planWith(database, { actions: ['forget'] })],
  ])('%s', (_, plan) => {
    expect(refusalsIn(plan)).toEqual([]);
  });

  it('what is allowed by its address, and nothing beside it', () => {
    const plan = planWith(database, destroy);
    expect(refusalsIn(plan, new Set([`${database}.one`]))).toEqual([]);
    expect(refusalsIn(plan, new Set([`${database}.on`]))).toHaveLength(1);
  });
});

it('refuses several stacks at once and names each', () => {
  const plans = ['east', 'west'].map((stack) => ({ stack, plan: planWith(database, destroy) }));
  expect(() => guard(plans)).toThrow(/east: aws_db_instance\.one[^]*west: aws_db_instance\.one/);
  expect(() => guard([{ stack: 'east', plan: planWith(database, { actions: ['no-op'] }) }])).not.toThrow();
});
