import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { everyDeployment } from './graph';
import { graphOf, statementsOf, type Declared, type PolicyStatement } from './resources';

const folder = path.join(__dirname, 'golden');
const renew = process.env.GOLDEN === 'renew';

/** What changes no behaviour, or is held by an invariant. */
const left: readonly string[] = ['//', 'depends_on', 'description', 'tags', 'timeouts'];

/** A stack's resources and what they are set to, sorted, without account ids: what a reviewer reads of a change. */
function listingOf(resources: readonly Declared[], account: string | undefined): string {
  const listing = resources
    .toSorted((one, other) => (one.address < other.address ? -1 : 1))
    .flatMap(({ type, id, region, attributes }) => [
      `${type}.${id} (${region})`,
      ...Object.entries(attributes)
        .filter(([name]) => !left.includes(name))
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .flatMap(([name, value]) => linesOf(name, value)),
      '',
    ])
    .join('\n');
  return account === undefined ? listing : listing.replaceAll(account, '<account>');
}

function linesOf(name: string, value: unknown): readonly string[] {
  const statements = statementsOf(value);
  return statements.length === 0
    ? [`  ${name} = ${JSON.stringify(value)}`]
    : [`  ${name}`, ...statements.map((statement) => `    ${sentenceOf(statement)}`)];
}

function sentenceOf({
  Effect,
  Principal,
  Action,
  NotAction,
  Resource,
  NotResource,
  Condition,
}: PolicyStatement) {
  const parts = {
    '': Action?.toSorted().join(', '),
    'all but': NotAction?.join(', '),
    on: Resource?.join(', '),
    'on all but': NotResource?.join(', '),
    by: Principal === undefined ? undefined : JSON.stringify(Principal),
    if: Condition === undefined ? undefined : JSON.stringify(Condition),
  };
  const words = Object.entries(parts).flatMap(([word, value]) =>
    value === undefined ? [] : [`${word} ${value}`.trim()],
  );
  return [Effect, ...words].join(' ');
}

describe.each(everyDeployment.map((deployment) => ({ name: deployment.environment.name, deployment })))(
  'the golden listing of $name',
  ({ name, deployment }) => {
    const { stacks, resources } = graphOf(deployment);
    const own = path.join(folder, name);
    if (renew) {
      rmSync(own, { recursive: true, force: true });
      mkdirSync(own, { recursive: true });
    }

    it.each(stacks)('is what $name declares (if meant to change: npm run golden)', (stack) => {
      const file = path.join(own, `${stack.name}.txt`);
      const listing = listingOf(
        resources.filter((each) => each.stack === stack.name),
        deployment.environment.target === 'aws' ? deployment.environment.account : undefined,
      );
      if (renew) writeFileSync(file, listing);
      expect(listing).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'no golden listing');
    });

    it('has no file of a stack that is gone', () => {
      expect(readdirSync(own).toSorted()).toEqual(stacks.map((stack) => `${stack.name}.txt`).toSorted());
    });
  },
);
