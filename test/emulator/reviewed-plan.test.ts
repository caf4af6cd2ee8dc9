import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asked, awsEnvironment, Checkout, tandem } from './command';
import { Emulator, missing } from './emulator';

jest.setTimeout(600_000);

const dev = awsEnvironment('dev');
const lack = missing();
const title = 'a plan that was reviewed';
(lack ? describe.skip : describe)(lack ? `${title} (${lack})` : title, () => {
  let aws: Emulator;
  // The machine that plans and the machine that applies share a file and a key, and nothing else.
  const [planner, applier] = [new Checkout(), new Checkout()];
  const key = randomBytes(32).toString('hex');
  const file = join(planner.folder, 'dev.plan');
  const run = (where: Checkout, args: string, sealedWith = key) =>
    tandem(args.split(' '), { ...aws.environment, TANDEM_PLAN_KEY: sealedWith }, { checkout: where.folder });

  beforeAll(async () => {
    aws = await Emulator.start(dev.account);
    const { code, output } = await run(planner, 'bootstrap dev --yes');
    expect({ code, output }).toEqual({ code: 0, output });
  });
  afterAll(() => {
    aws.stop();
    for (const checkout of [planner, applier]) checkout.remove();
  });

  it('is shown as a table a stack with the guard’s verdict, and sealed', async () => {
    const { code, output } = await run(planner, `plan dev --layer keys --markdown --out ${file}`);
    expect(output).toContain('### Plan of `dev`: ');
    expect(output).toMatch(/^\| tandem-dev-us-east-1-keys \| [1-9]\d* \| 0 \| 0 \| ✅ \|$/m);
    expect(output).toContain('The guard lets it pass');
    expect(output).toMatch(/Sealed in .*dev\.plan, SHA-256 [0-9a-f]{64}/);
    expect(code).toBe(2);
    expect(readFileSync(file).includes('resource')).toBe(false);
  });

  it.each([
    { what: 'one bit of it changed', flip: 1, other: key, command: 'up dev' },
    { what: 'its key is another', flip: 0, other: randomBytes(32).toString('hex'), command: 'up dev' },
    { what: 'it is of another environment', flip: 0, other: key, command: 'up staging' },
  ])('is refused when $what, and AWS is not asked anything', async ({ flip, other, command }) => {
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ flip, middle);
    const altered = join(applier.folder, 'altered.plan');
    writeFileSync(altered, bytes);
    await aws.forgetCalls();
    const { code, output } = await run(applier, `${command} --plan ${altered} --yes`, other);
    expect(output).toContain('(PlanAltered)');
    expect(code).toBe(1);
    expect(await asked(aws)).toEqual([]);
  });

  it('needs its key', async () => {
    const { code, output } = await run(applier, `up dev --plan ${file} --yes`, '');
    expect(output).toContain('(PlanKeyInvalid)');
    expect(code).toBe(1);
  });

  it('is applied by another machine, as it was reviewed and nothing else', async () => {
    const { code, output } = await run(applier, `up dev --plan ${file} --yes`);
    expect({ code, output }).toEqual({ code: 0, output });
    expect(output.match(/keys: add \d+, change 0, destroy 0, as reviewed/g)).toHaveLength(2);
    expect(output).not.toContain('network');
    expect((await run(applier, 'plan dev --layer keys')).code).toBe(0);
  });

  it('is not applied twice: the state has changed since', async () => {
    const { code, output } = await run(applier, `up dev --plan ${file} --yes`);
    expect(output).toContain('(PlanOvertaken)');
    expect(code).toBe(1);
  });
});
