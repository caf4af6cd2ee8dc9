import { TandemError } from '../lib/errors';

/** What every pod on Kubernetes is made of, by component: one table, so that an upgrade is one diff. */
const references = {
  grafana: 'docker.io/grafana/grafana:12.3.0',
  pgbouncer: 'docker.io/edoburu/pgbouncer:v1.24.1-p1',
  postgres: 'docker.io/library/postgres:17.6-bookworm',
  postgresExporter: 'quay.io/prometheuscommunity/postgres-exporter:v0.17.1',
  prometheus: 'quay.io/prometheus/prometheus:v3.5.0',
  valkey: 'docker.io/valkey/valkey:8.1.4-bookworm',
  valkeyExporter: 'docker.io/oliver006/redis_exporter:v1.61.0',
  /** Our own, which `up` builds: its tag comes by the mapping. */
  workload: 'tandem-workload:dev',
} as const;

/** Every reference of the table, for who has to bring them. */
export const imageReferences: readonly string[] = Object.values(references);

type Component = keyof typeof references;
/** What others do without. */
type Optional = 'grafana';

/** Which references stand for which, as on a machine without a registry; null leaves out what others do without. */
export type ImageMapping = Readonly<Record<string, string | null>>;

/** What stands for the table's images, by component. */
export type Images = Readonly<Record<Exclude<Component, Optional>, string>> & {
  readonly [component in Optional]: string | null;
};

/** @throws TandemError ImagesInvalid for a reference that is not in the table, and for leaving out what is needed */
export function imagesOf(mapping: ImageMapping = {}): Images {
  const stranger = Object.keys(mapping).find((reference) => !imageReferences.includes(reference));
  if (stranger !== undefined) throw invalid(`${stranger}, which nothing here runs`);
  const of = (component: Component): string => {
    const image = mapping[references[component]];
    if (image === null) throw invalid(`null for ${references[component]}, which others need`);
    return image ?? references[component];
  };
  return {
    grafana: mapping[references.grafana] === null ? null : of('grafana'),
    pgbouncer: of('pgbouncer'),
    postgres: of('postgres'),
    postgresExporter: of('postgresExporter'),
    prometheus: of('prometheus'),
    valkey: of('valkey'),
    valkeyExporter: of('valkeyExporter'),
    workload: of('workload'),
  };
}

const invalid = (found: string): TandemError =>
  new TandemError('ImagesInvalid', {
    found,
    expected: `an image for each of ${imageReferences.join(', ')}, or for some; null only for ${references.grafana}`,
    next: 'correct the file that --images names',
  });
