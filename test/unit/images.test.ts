import { imageReferences, imagesOf } from '../../modules/images';

const grafana = imageReferences.find((reference) => reference.includes('/grafana:')) ?? '';
const postgres = imageReferences.find((reference) => reference.includes('/postgres:')) ?? '';

it('names each image once, by a registry’s full name and never by a moving tag', () => {
  expect(imageReferences).toEqual([...new Set(imageReferences)]);
  for (const reference of imageReferences.filter((each) => !each.startsWith('tandem-'))) {
    expect(reference).toMatch(/^[a-z]+\.io\/[\w./-]+:v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$/);
  }
});

it('takes the images that stand for others', () => {
  expect(imagesOf({ [postgres]: 'lab.local/postgres:17' })).toEqual({
    ...imagesOf(),
    postgres: 'lab.local/postgres:17',
  });
});

it('takes them by the tag alone as well', () => {
  const [tag = ''] = postgres.split('@');
  expect(postgres).toMatch(/@sha256:/);
  expect(imagesOf({ [tag]: 'lab.local/postgres:17' }).postgres).toBe('lab.local/postgres:17');
  expect(imagesOf({ [grafana.split('@')[0] ?? '']: null }).grafana).toBeNull();
});

it('leaves out what nothing else needs, and that alone', () => {
  expect(imagesOf({ [grafana]: null }).grafana).toBeNull();
  expect(() => imagesOf({ [postgres]: null })).toThrow('ImagesInvalid');
});

it('refuses a reference that nothing runs', () => {
  expect(() => imagesOf({ 'docker.io/library/postgre:17': 'x:1' })).toThrow('ImagesInvalid');
});
