import { maxConnections, memoryGib } from '../../modules/postgres/memory';

// "Hardware specifications for DB instance classes", Amazon RDS User Guide.
it.each([
  ['db.t4g.micro', 1],
  ['db.t4g.small', 2],
  ['db.t4g.medium', 4],
  ['db.m6i.large', 8],
  ['db.r6i.large', 16],
  ['db.r6i.2xlarge', 64],
  ['db.x2g.xlarge', 64],
  ['db.r6i.32xlarge', 1024],
])('%s has %d GiB', (instanceClass, gib) => {
  expect(memoryGib(instanceClass)).toBe(gib);
});

it.each([
  ['db.t4g.micro', 112],
  ['db.r6i.large', 1802],
  ['db.r6i.2xlarge', 5000],
])('%s takes %d connections', (instanceClass, connections) => {
  expect(maxConnections(instanceClass)).toBe(connections);
});

it('takes a family that it does not know for a small one', () => {
  expect(memoryGib('db.q9x.xlarge')).toBe(8);
});
