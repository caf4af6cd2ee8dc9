import { kubectl } from '../../lib/command';
import { reasonOf } from '../../lib/errors';
import { namespace } from '../../lib/in-cluster';
import { kubernetesDeployments } from '../synth/graph';
import { type Graph, graphOf } from '../synth/resources';
import { contexts, missing } from './clusters';
import { manifestOf } from './manifests';

jest.setTimeout(120_000);

/** Admits as the real one does, and is gone after the test: without a namespace nothing can be tried in it. */
const probe = 'tandem-dry-run';

const lacking = missing();
const lane = lacking === undefined ? describe : describe.skip;

/** What an API server says to a manifest that it is only asked about; a warning, as of a pod that the namespace would refuse, is a no. */
const ask = (context: string, manifest: string): Promise<string> => {
  const args = ['create', '--dry-run=server', '--warnings-as-errors', '-o', 'name', '-f', '-'];
  const input = manifest.replaceAll(`"namespace":"${namespace}"`, `"namespace":"${probe}"`);
  return kubectl(context, args, { input }).catch(reasonOf);
};

lane(`a server-side dry run${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  const [graph, replicated] = kubernetesDeployments.map(graphOf);
  if (!graph || !replicated) throw new TypeError('no environment on Kubernetes');
  const { regions: names } = graph.deployment.environment;
  const regions = names.map((region, at) => ({ region, context: contexts[at] ?? '' }));
  const allOf = ({ resources }: Graph) => resources.filter(({ type }) => type.startsWith('kubernetes_'));
  const all = allOf(graph);

  beforeAll(async () => {
    const found = all.find(({ type }) => type === 'kubernetes_namespace_v1');
    if (!found) throw new TypeError('no namespace is declared');
    const own = JSON.stringify(manifestOf(graph, found)).replaceAll(
      `"name":"${namespace}"`,
      `"name":"${probe}"`,
    );
    for (const { context } of regions) await kubectl(context, ['create', '-f', '-'], { input: own });
  });
  afterAll(async () => {
    for (const { context } of regions)
      await kubectl(context, ['delete', 'namespace', probe, '--ignore-not-found']);
  });

  it.each(
    regions.flatMap((place) => [
      { ...place, with: 'caches of their own', declared: graph },
      { ...place, with: 'a replicated cache', declared: replicated },
    ]),
  )('takes everything that is declared for $region, with $with', async ({ region, context, declared }) => {
    const own = allOf(declared).filter((each) => each.region === region);
    expect(own.length).toBeGreaterThan(30);
    const refused: string[] = [];
    for (const each of own) {
      const said = await ask(context, JSON.stringify(manifestOf(declared, each)));
      if (!/^[\w.]+\/[\w-]+\n$/.test(said)) refused.push(`${each.address}: ${said}`);
    }
    expect(refused).toEqual([]);
  });

  it('refuses a pod that runs as root, and a field that Kubernetes does not know', async () => {
    const workload = all.find(({ type, id }) => type === 'kubernetes_deployment_v1' && id === 'workload');
    if (!workload) throw new TypeError('no workload is declared');
    const manifest = JSON.stringify(manifestOf(graph, workload));
    const changed = (from: string, to: string): Promise<string> => {
      expect(manifest).toContain(from);
      return ask(contexts[0] ?? '', manifest.replaceAll(from, to));
    };
    expect(await changed('"runAsNonRoot":true', '"runAsNonRoot":false')).toContain(
      'would violate PodSecurity',
    );
    expect(await changed('"livenessProbe"', '"aliveProbe"')).toContain('unknown field');
  });
});
