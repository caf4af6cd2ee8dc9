import { TandemError } from '../lib/errors';

/** What every pod on Kubernetes is made of, by component: one table, so that an upgrade is one diff. */
const references = {
  grafana:
    'docker.io/grafana/grafana:12.3.0@sha256:70d9599b186ce287be0d2c5ba9a78acb2e86c1a68c9c41449454d0fc3eeb84e8',
  pgbouncer:
    'docker.io/edoburu/pgbouncer:v1.24.1-p1@sha256:3db3d7223e93af52b4116f642951a1a5fa44702a88c2a59cf7562cac19320c9e',
  postgres:
    'docker.io/library/postgres:17.6-bookworm@sha256:f3bd19c606e442c3d7bdfa8002e03fe260a1023351e0ea4598032022b68dd6e3',
  postgresExporter:
    'quay.io/prometheuscommunity/postgres-exporter:v0.17.1@sha256:38606faa38c54787525fb0ff2fd6b41b4cfb75d455c1df294927c5f611699b17',
  prometheus:
    'quay.io/prometheus/prometheus:v3.5.0@sha256:63805ebb8d2b3920190daf1cb14a60871b16fd38bed42b857a3182bc621f4996',
  valkey:
    'docker.io/valkey/valkey:8.1.3@sha256:fea8b3e67b15729d4bb70589eb03367bab9ad1ee89c876f54327fc7c6e618571',
  // Its digest was nowhere to be verified: a mapping or a registry's answer has to give it.
  valkeyExporter: 'docker.io/oliver006/redis_exporter:v1.61.0',
  /** Our own, which `up` builds: its tag comes by the mapping. */
  workload: 'tandem-workload:dev',
} as const;

/** Every reference of the table, for who has to bring them. */
export const imageReferences: readonly string[] = Object.values(references);

type Component = keyof typeof references;
/** What others do without. */
type Optional = 'grafana';

/**
 * Which references stand for which, as on a machine without a registry, those of the table with or without their digest; null
 * leaves out what others do without.
 */
export type ImageMapping = Readonly<Record<string, string | null>>;

/** What stands for the table's images, by component. */
export type Images = Readonly<Record<Exclude<Component, Optional>, string>> & {
  readonly [component in Optional]: string | null;
};

/** @throws TandemError ImagesInvalid for a reference that is not in the table, and for leaving out what is needed */
export function imagesOf(mapping: ImageMapping = {}): Images {
  const known = imageReferences.flatMap((reference) => [reference, tagged(reference)]);
  const stranger = Object.keys(mapping).find((reference) => !known.includes(reference));
  if (stranger !== undefined) throw invalid(`${stranger}, which nothing here runs`);
  const mapped = (component: Component) => {
    const reference = references[component];
    return reference in mapping ? mapping[reference] : mapping[tagged(reference)];
  };
  const of = (component: Component): string => {
    const image = mapped(component);
    if (image === null) throw invalid(`null for ${references[component]}, which others need`);
    return image ?? references[component];
  };
  return {
    grafana: mapped('grafana') === null ? null : of('grafana'),
    pgbouncer: of('pgbouncer'),
    postgres: of('postgres'),
    postgresExporter: of('postgresExporter'),
    prometheus: of('prometheus'),
    valkey: of('valkey'),
    valkeyExporter: of('valkeyExporter'),
    workload: of('workload'),
  };
}

/** A reference without its digest, which changes more often than its tag. */
const tagged = (reference: string): string => reference.replace(/@sha256:.*$/, '');

const invalid = (found: string): TandemError =>
  new TandemError('ImagesInvalid', {
    found,
    expected: `an image for each of ${imageReferences.join(', ')}, or for some; null only for ${references.grafana}`,
    next: 'correct the file that --images names',
  });
