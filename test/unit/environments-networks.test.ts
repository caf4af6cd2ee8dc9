import { environmentNames, loadEnvironment } from '../../environments';
import { staging } from '../../environments/staging';
import { TandemError } from '../../lib/errors';

afterEach(() => jest.restoreAllMocks());

/** Gives staging's file production's network, or another, until the test is over. */
function renumber(cidr: string): void {
  if (staging.target !== 'aws') throw new TypeError('staging is on AWS');
  jest.replaceProperty(staging.network, 'cidr', cidr);
}

const found = (name: string): string => {
  try {
    loadEnvironment(name);
  } catch (thrown) {
    if (thrown instanceof TandemError && thrown.code === 'EnvironmentInvalid') return thrown.detail.found;
    throw thrown;
  }
  return '';
};

it.each([
  ['production', 'staging'],
  ['staging', 'production'],
])('%s can not have the network of %s', (name, other) => {
  renumber('10.4.0.0/15');
  expect(found(name)).toBe(
    `mistakes in environments/${name}.ts:\n  network.cidr: found "10.4.0.0/15"; allowed: another than ${other} has`,
  );
});

it('says it beside the other mistakes of the file', () => {
  renumber('10.4.0.0/15');
  jest.replaceProperty(staging, 'name', 'staging-primary');
  expect(found('staging-primary').split('\n')).toEqual([
    expect.stringMatching(/^mistakes in/),
    expect.stringMatching(/^ {2}name: /),
    expect.stringMatching(/^ {2}network\.cidr: .* another than production has$/),
  ]);
});

it('leaves the others alone', () => {
  renumber('10.4.0.0/15');
  expect(['dev', 'local'].map(found)).toEqual(['', '']);
});

it('finds none between the environments that exist', () => {
  expect(environmentNames.map(found).join('')).toBe('');
});
