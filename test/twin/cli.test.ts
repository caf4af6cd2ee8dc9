import { z } from 'zod';
import { FakeK3d } from '../support/fake-k3d';
import { Tandem } from '../support/tandem';

describe('the tandem command', () => {
  const outcome = async (...args: readonly string[]) => {
    const tandem = new Tandem(args);
    const ended = await tandem.ended;
    tandem.remove();
    return ended;
  };

  it.each([
    [
      'an unknown environment, with the nearest name',
      ['drill', 'prodution', '--target', 'embedded'],
      1,
      /EnvironmentUnknown[^]*production/,
    ],
    [
      'to break a region of AWS',
      ['drill', 'production', '--scenario', 'blackout'],
      1,
      /FaultUnsupported[^]*switchover, failover/,
    ],
    ['a misspelt command, with the nearest one', ['dril'], 64, /Did you mean drill/],
    [
      'a value that is not a choice',
      ['drill', 'dev', '--scenario', 'flood'],
      64,
      /Allowed choices are blackout, kill/,
    ],
  ])('refuses %s', async (_, args, code, said) => {
    const ended = await outcome(...args);
    expect(ended.output).toMatch(said);
    expect(ended.code).toBe(code);
  });

  it('synthesizes an environment and names its stacks', async () => {
    const { code, output } = await outcome('synth', 'staging', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toContainEqual({
      name: 'tandem-staging-us-west-2-data',
      environment: 'staging',
      region: 'us-west-2',
      layer: 'data',
      path: 'cdktf.out/stacks/tandem-staging-us-west-2-data/cdk.tf.json',
    });
  });

  it('tells roles and the last drill of several environments in status, as JSON too', async () => {
    const { output } = await outcome('status', 'production', 'local', '--json');
    expect(JSON.parse(output)).toEqual([
      {
        environment: 'production',
        target: 'aws',
        regions: [
          { region: 'us-east-1', role: 'active', generation: 1 },
          { region: 'us-west-2', role: 'standby', generation: 1 },
        ],
      },
      {
        environment: 'local',
        target: 'kubernetes',
        regions: [
          { region: 'us-east-1', role: 'active', generation: 1 },
          { region: 'us-west-2', role: 'standby', generation: 1 },
        ],
      },
    ]);
  });

  it('finds in doctor what the embedded target needs', async () => {
    const { code, output } = await outcome('doctor', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(output)).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'PostgreSQL', ok: true, required: true })]),
    );
  });

  it('finds in doctor the k3d on PATH, here a fake, and says how to get one that is missing', async () => {
    const k3d = async () => {
      const { code, output } = await outcome('doctor', '--json');
      expect(code).toBe(0);
      return z
        .array(z.looseObject({ name: z.string() }))
        .parse(JSON.parse(output))
        .find(({ name }) => name === 'k3d');
    };
    const fake = new FakeK3d([]);
    const found = await k3d().finally(() => fake.remove());
    expect(found).toMatchObject({ ok: true, required: false, found: 'k3d version v5.8.3' });
    const { PATH: path } = process.env;
    process.env['PATH'] = '/nowhere';
    const missing = await k3d().finally(() => (process.env['PATH'] = path));
    expect(missing).toMatchObject({ ok: false, required: false });
    expect(missing?.['mend']).toMatch('https://k3d.io');
  });

  it('teaches in every --help, with examples and exit codes', async () => {
    const help = await outcome('--help');
    expect(help.output).toMatch(/Exit codes:[^]*Start here:/);
    expect((await outcome('drill', '--help')).output).toMatch(/Scenarios:[^]*Examples:/);
  });
});
