import { command, programs } from '../../lib/command';
import { asCoded } from '../../lib/errors';
import { FakeK3d } from '../support/fake-k3d';

describe('a program that is run', () => {
  const k3d = new FakeK3d([]);
  afterAll(() => k3d.remove());

  it('gives what it wrote', async () => {
    expect(JSON.parse(await command('k3d', ['cluster', 'list']))).toEqual([]);
  });

  it('fails in its own words', async () => {
    await expect(command('k3d', ['node', 'list'])).rejects.toThrow('`k3d node list` ended with 64');
  });

  it('says how to get it when it is missing', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    const thrown: unknown = await command('k3d', ['version']).catch((reason: unknown) => reason);
    process.env['PATH'] = path;
    expect(asCoded(thrown)).toMatchObject({ code: 'CommandMissing', detail: { next: programs.k3d } });
  });

  it('is ended with the signal’s reason', async () => {
    const ended = new AbortController();
    ended.abort(new DOMException('ended by SIGINT', 'AbortError'));
    await expect(command('k3d', ['version'], { signal: ended.signal })).rejects.toThrow('ended by SIGINT');
  });
});
