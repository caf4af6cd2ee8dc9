import { changesIn } from '../../cli/terraform/changes';

/** As `terraform show -json` writes a change; by hand, nothing in it was measured. */
const planWith = (change: object) => ({
  resource_changes: [
    {
      address: 'aws_db_instance.one',
      type: 'aws_db_instance',
      change: {
        before: null,
        after: null,
        after_unknown: {},
        before_sensitive: {},
        after_sensitive: {},
        ...change,
      },
    },
  ],
});
const attributesOf = (change: object) => changesIn(planWith(change))[0]?.attributes;

it('shows what a creation sets, not what it leaves out', () => {
  expect(
    changesIn(
      planWith({
        actions: ['create'],
        after: { name: 'one', port: 0, encrypted: false, kms: null, tags: {}, rule: [{ port: 443 }] },
        after_unknown: { id: true, rule: [{ id: true }] },
      }),
    ),
  ).toEqual([
    {
      address: 'aws_db_instance.one',
      action: 'create',
      attributes: [
        { path: 'encrypted', after: 'false', forcesReplacement: false },
        { path: 'id', after: '(known after apply)', forcesReplacement: false },
        { path: 'name', after: '"one"', forcesReplacement: false },
        { path: 'port', after: '0', forcesReplacement: false },
        { path: 'rule.0.id', after: '(known after apply)', forcesReplacement: false },
        { path: 'rule.0.port', after: '443', forcesReplacement: false },
      ],
    },
  ]);
});

it('shows of an update what differs alone', () => {
  expect(
    attributesOf({
      actions: ['update'],
      before: { class: 'small', zones: ['a', 'b'], owner: 'me', same: 1 },
      after: { class: 'large', zones: ['a', 'c'], window: 'sun', same: 1 },
    }),
  ).toEqual([
    { path: 'class', before: '"small"', after: '"large"', forcesReplacement: false },
    { path: 'owner', before: '"me"', forcesReplacement: false },
    { path: 'window', after: '"sun"', forcesReplacement: false },
    { path: 'zones.1', before: '"b"', after: '"c"', forcesReplacement: false },
  ]);
});

it('names what forces a replacement, in either order of destroying and creating', () => {
  for (const actions of [
    ['delete', 'create'],
    ['create', 'delete'],
  ]) {
    const plan = planWith({
      actions,
      before: { name: 'one', subnet: { id: 'a' }, size: 1 },
      after: { name: 'one', subnet: { id: 'b' }, size: 2 },
      replace_paths: [['subnet']],
    });
    expect(changesIn(plan)).toEqual([
      {
        address: 'aws_db_instance.one',
        action: 'replace',
        attributes: [
          { path: 'size', before: '1', after: '2', forcesReplacement: false },
          { path: 'subnet.id', before: '"a"', after: '"b"', forcesReplacement: true },
        ],
      },
    ]);
  }
});

it('says that a sensitive value changes, and never what it is', () => {
  const changes = changesIn(
    planWith({
      actions: ['update'],
      before: { password: 'hunter2', nested: { a: 'hunter2', b: 1 }, kept: 'hunter2', unset: null },
      after: { password: 'hunter3', nested: { a: 'hunter3', b: 2 }, kept: 'hunter2', unset: null },
      before_sensitive: { password: true, nested: { a: true }, kept: true, unset: true },
      after_sensitive: { password: true, nested: { a: true }, kept: true, unset: true },
    }),
  );
  expect(changes[0]?.attributes).toEqual([
    { path: 'nested.a', before: '(sensitive)', after: '(sensitive)', forcesReplacement: false },
    { path: 'nested.b', before: '1', after: '2', forcesReplacement: false },
    { path: 'password', before: '(sensitive)', after: '(sensitive)', forcesReplacement: false },
  ]);
  expect(JSON.stringify(changes)).not.toContain('hunter');
});

it('leaves out what stays as it is, and shows what is destroyed', () => {
  expect(changesIn(planWith({ actions: ['no-op'], before: { a: 1 }, after: { a: 1 } }))).toEqual([]);
  expect(changesIn(planWith({ actions: ['delete'], before: { a: 1 } }))).toEqual([
    {
      address: 'aws_db_instance.one',
      action: 'delete',
      attributes: [{ path: 'a', before: '1', forcesReplacement: false }],
    },
  ]);
});
