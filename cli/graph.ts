import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { loadEnvironment } from '../environments';
import { loadRoles } from '../environments/roles';
import { svgOf } from './graph/svg';
import { type Topology, topologyOf } from './graph/topology';

export function graphCommand(program: Command): void {
  program
    .command('graph')
    .summary('regions, layers, and what replicates to what')
    .description(
      'Draws an environment from its synthesized stacks: which layers read which, and what AWS copies between the regions.',
    )
    .argument('<environment>', 'what to draw, as described in environments/')
    .addOption(new Option('--mermaid', 'as a Mermaid flowchart on standard output, which is the default'))
    .addOption(new Option('--svg <file>', 'as a picture').conflicts('mermaid'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem graph production\n  $ tandem graph production --svg production.svg',
    )
    .action((name: string, flags: { readonly svg?: string }) => {
      const environment = loadEnvironment(name);
      const topology = topologyOf(environment, loadRoles(environment));
      if (flags.svg === undefined) return console.log(mermaidOf(topology));
      writeFileSync(flags.svg, svgOf(topology));
      console.log(`wrote ${flags.svg}`);
    });
}

function mermaidOf({ regions, nodes, reads, replications }: Topology): string {
  const within = (region: string | undefined) =>
    nodes
      .filter((node) => node.region === region)
      .map(({ id, layer, resources, copies }) => {
        const more = copies.length > 0 ? `<br/>copies ${copies.join(', ')}` : '';
        return `${id}["${layer}<br/>${resources} resources${more}"]`;
      });
  return [
    'flowchart TB',
    ...regions.flatMap(({ name, role }) => [
      `  subgraph ${name}["${name}: ${role ?? 'no role'}"]`,
      ...within(name).map((each) => `    ${each}`),
      '  end',
    ]),
    ...within(undefined).map((each) => `  ${each}`),
    ...reads.map(({ from, to }) => `  ${from} --> ${to}`),
    ...replications.map(({ from, to, of }) => `  ${from} == "${of.join(', ')}" ==> ${to}`),
  ].join('\n');
}
