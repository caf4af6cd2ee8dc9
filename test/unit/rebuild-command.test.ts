import { Tandem } from '../support/tandem';

describe('tandem rebuild of an environment on clusters, before any cluster is asked', () => {
  it.each([
    ['us-east-1', 'OperationRefused', 'us-east-1 is active'],
    ['us-west-2', 'OperationRefused', 'us-west-2 is standby'],
    ['eu-west-1', 'RegionUnknown', 'one of us-east-1, us-west-2'],
  ])('refuses %s with %s', async (region, code, says) => {
    const command = new Tandem(['rebuild', 'local', '--region', region, '--yes']);
    const { code: exit, output } = await command.ended;
    command.remove();
    expect(exit).toBe(1);
    expect(output).toContain(`(${code})`);
    expect(output).toContain(says);
  });
});
