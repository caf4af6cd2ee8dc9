import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Nodes } from '../../failover/targets/kubernetes-nodes';

jest.setTimeout(120_000);

const missing = [
  ['docker', 'info'],
  ['iptables', '--version'],
].find(([program = '', argument = '']) => spawnSync(program, [argument]).status !== 0)?.[0];
const lane = missing === undefined ? describe : describe.skip;

const name = `tandem-test-node-${process.pid}`;
const image = `${name}:none`;

function docker(...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('docker', args, { encoding: 'utf8' });
  expect({ args, status, said: status === 0 ? '' : stderr }).toMatchObject({ status: 0 });
  return stdout.trim();
}

/** Stands for a node: a real container with a network of its own, an HTTP server and iptables, made of this machine's own files. */
lane(`faults of a node's container${missing === undefined ? '' : ` (no ${missing})`}`, () => {
  let address = '';

  beforeAll(() => {
    const empty = spawnSync('docker', ['import', '-', image], { input: Buffer.alloc(1024) });
    expect(empty.status).toBe(0);
    docker('network', 'create', name);
    const mounts = ['/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc'].flatMap((path) => [
      '--volume',
      `${realpathSync(path)}:${path}:ro`,
    ]);
    const serve = `require('http').createServer((_, answer) => answer.end('ok')).listen(8080)`;
    const options = ['--network', name, '--privileged', ...mounts, '--tmpfs', '/run', '--tmpfs', '/tmp'];
    docker('run', '--detach', '--name', name, ...options, image, '/usr/bin/env', 'node', '-e', serve);
    address = docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name);
  });
  afterAll(() => {
    for (const args of [
      ['rm', '-f', name],
      ['network', 'rm', name],
      ['rmi', image],
    ])
      spawnSync('docker', args);
  });

  /** Whether it answers a client of this machine; a second is long here. */
  const answers = async (): Promise<boolean> => {
    const asked = fetch(`http://${address}:8080`, {
      signal: AbortSignal.timeout(1000),
      headers: { connection: 'close' },
    });
    return asked.then(
      ({ ok }) => ok,
      () => false,
    );
  };
  const comesBack = async (): Promise<void> => {
    for (let tries = 0; tries < 20 && !(await answers()); tries++) await sleep(250);
    expect(await answers()).toBe(true);
  };
  const found = async (): Promise<Nodes> => {
    const nodes = await Nodes.find([name]);
    if (!nodes) throw new TypeError(`${name} is a container`);
    return nodes;
  };

  it('are not offered for a node that is no container', async () => {
    expect(await Nodes.find([name, 'a-node-elsewhere'])).toBeUndefined();
    await comesBack();
  });

  it.each([
    ['kill', (nodes: Nodes) => nodes.kill()],
    ['freeze', (nodes: Nodes) => nodes.freeze()],
    ['cut from everybody', (nodes: Nodes) => nodes.cut()],
    ['cut and killed', async (nodes: Nodes) => nodes.cut().then(() => nodes.kill())],
  ])('%s: it answers nobody, and everybody once restored', async (_, fault) => {
    const nodes = await found();
    await fault(nodes);
    expect(await answers()).toBe(false);
    await nodes.restore();
    await comesBack();
    expect(docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name)).toBe(
      address,
    );
    await nodes.restore();
    expect(docker('exec', name, 'iptables-save', '-t', 'mangle')).not.toContain('tandem-drill');
  });

  it('a cut from some leaves others their way in, and is mended', async () => {
    const nodes = await found();
    await nodes.cut(['192.0.2.9']);
    expect(await answers()).toBe(true);
    await nodes.cut([address.replace(/\d+$/, '1')]);
    expect(await answers()).toBe(false);
    await nodes.mend();
    expect(await answers()).toBe(true);
  });
});
