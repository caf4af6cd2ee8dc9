import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A container is a file that holds its state, and a call is a line in a log. */
const docker = `
echo "docker $*" >>"$FAKE/calls"
verb=$1; shift
case $verb in
  container) for name; do :; done; cat "$FAKE/nodes/$name" || exit 1 ;;
  kill) for name; do echo exited >"$FAKE/nodes/$name"; done ;;
  start | unpause) for name; do echo running >"$FAKE/nodes/$name"; done ;;
  pause) for name; do echo paused >"$FAKE/nodes/$name"; done ;;
esac`;

/** What each context's cluster answers: the first word of "answers/CONTEXT" says whether its database is a standby. */
const kubectl = `
echo "kubectl $*" >>"$FAKE/calls"
context=$2
[ -e "$FAKE/answers/$context" ] || { echo 'connection refused' >&2; exit 1; }
case "$*" in
  *pg_is_in_recovery*) cat "$FAKE/answers/$context" ;;
  *pg_stat_replication*) echo t ;;
  *pg_walfile_name*) echo 000000010000000000000001 ;;
  *server_version*) echo 17.6 ;;
  *valkey-server*) echo 'Valkey server v=8.1.1 sha=0' ;;
  *'get nodes'*) echo "{\\"items\\":[{\\"metadata\\":{\\"name\\":\\"$context-0\\"}}]}" ;;
  *'get pods'*) echo '{"items":[{"metadata":{"name":"workload-1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}' ;;
  */metrics) echo 'tandem_region_writable 1' ;;
  */readyz) echo ok ;;
esac`;

/**
 * Recording fakes of docker and kubectl on PATH, for what a test must not do to real clusters or can't wait for: which commands
 * a fault is, in which order, and what is done when a cluster does not answer. The cluster lane has the real ones.
 */
export class FakeClusters {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-fake-clusters-'));
  readonly #before = { path: process.env['PATH'], cwd: process.cwd() };

  constructor() {
    for (const each of ['bin', 'nodes', 'answers']) mkdirSync(join(this.folder, each));
    for (const [name, script] of Object.entries({ docker, kubectl })) {
      const path = join(this.folder, 'bin', name);
      writeFileSync(path, `#!/bin/sh\nFAKE=${this.folder}\n${script}\n`);
      chmodSync(path, 0o755);
    }
    process.env['PATH'] = join(this.folder, 'bin') + delimiter + (this.#before.path ?? '');
    process.chdir(this.folder);
  }

  node(name: string, state: string): void {
    writeFileSync(join(this.folder, 'nodes', name), state);
  }

  stateOf(name: string): string {
    return readFileSync(join(this.folder, 'nodes', name), 'utf8').trim();
  }

  /** A cluster that answers; without it kubectl is refused. */
  answer(context: string, database: 'primary' | 'standby'): void {
    writeFileSync(join(this.folder, 'answers', context), database === 'standby' ? 't\n' : 'f\n');
  }

  /** What was called since the last look. */
  calls(program: 'docker' | 'kubectl'): readonly string[] {
    const path = join(this.folder, 'calls');
    const all = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    rmSync(path, { force: true });
    return all.filter((line) => line.startsWith(`${program} `));
  }

  remove(): void {
    process.chdir(this.#before.cwd);
    process.env['PATH'] = this.#before.path;
    rmSync(this.folder, { recursive: true });
  }
}
