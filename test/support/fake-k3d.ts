import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What the fake knows of a cluster, in the words of `k3d cluster list -o json`. */
interface Cluster {
  readonly name: string;
  readonly serversCount: number;
  readonly serversRunning: number;
}

// Plain JavaScript, which Node.js runs as it is.
const program = `#!${process.execPath}
const { appendFileSync, copyFileSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
const file = join(__dirname, 'clusters.json');
const clusters = JSON.parse(readFileSync(file, 'utf8'));
appendFileSync(join(__dirname, 'calls.jsonl'), JSON.stringify(args) + '\\n');
const save = (next) => writeFileSync(file, JSON.stringify(next));
const [noun, verb] = args;
if (noun === 'version') console.log('k3d version v5.8.3');
else if (noun === 'cluster' && verb === 'list') console.log(JSON.stringify(clusters));
else if (noun === 'cluster' && verb === 'create') {
  const config = args[args.indexOf('--config') + 1];
  copyFileSync(config, join(__dirname, 'config.json'));
  const { metadata: { name } } = JSON.parse(readFileSync(config, 'utf8'));
  if (clusters.some((each) => each.name === name)) throw new Error('a cluster of that name exists');
  save([...clusters, { name, serversCount: 1, serversRunning: 1 }]);
} else if (noun === 'cluster' && verb === 'start')
  save(clusters.map((each) => (each.name === args[2] ? { ...each, serversRunning: each.serversCount } : each)));
else if (noun === 'cluster' && verb === 'delete') save(clusters.filter(({ name }) => !args.includes(name)));
else if (!['kubeconfig merge', 'image import'].includes(noun + ' ' + verb)) process.exit(64);
`;

/** Stands in for k3d and docker on PATH: keeps a list of clusters, makes none, and records what it was told. */
export class FakeK3d {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-fake-k3d-'));
  readonly #path = process.env['PATH'];

  constructor(clusters: readonly Cluster[]) {
    this.#write('clusters.json', JSON.stringify(clusters));
    this.#write('k3d', program);
    // The network that k3d leaves behind where it made the second cluster on it.
    this.#write('docker', '#!/bin/sh\necho "docker $*" >>"$(dirname "$0")/docker.log"\necho 4f1c\n');
    for (const each of ['k3d', 'docker']) chmodSync(join(this.#folder, each), 0o755);
    process.env['PATH'] = [this.#folder, this.#path].join(delimiter);
  }

  /** The calls that change something, a line each. */
  get calls(): readonly string[] {
    const file = join(this.#folder, 'calls.jsonl');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    return lines
      .map((line) => String(JSON.parse(line)).replaceAll(',', ' '))
      .filter((call) => !call.startsWith('cluster list'));
  }

  /** What docker was told, a line each. */
  get docker(): readonly string[] {
    return readFileSync(join(this.#folder, 'docker.log'), 'utf8').trim().split('\n');
  }

  get clusters(): unknown {
    return this.#read('clusters.json');
  }

  /** The configuration file of the last cluster that was created. */
  get config(): unknown {
    return this.#read('config.json');
  }

  remove(): void {
    process.env['PATH'] = this.#path;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(name: string): unknown {
    const read: unknown = JSON.parse(readFileSync(join(this.#folder, name), 'utf8'));
    return read;
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }
}
