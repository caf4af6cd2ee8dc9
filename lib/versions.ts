import { version } from '../package.json';

/** Every version that Tandem chooses, so that an upgrade is one diff. npm's own are in package.json. */
export const versions = {
  /** Ours, as evidence and `tandem --version` give it. */
  tandem: version,
  /** The Node that runs the command and the workload, at least; `engines` in package.json says the same. */
  node: '20.20',
  /** The least Terraform and OpenTofu that plan every layer: write-only arguments (`password_wo`) came with both. */
  terraform: '1.11',
  tofu: '1.11',
  /**
   * What each stack requires of a provider. The bindings pin the one release that they were generated from; AWS is
   * loosened to the common part of two majors, the others to the constraint that their bindings carry.
   */
  awsProvider: '>= 5.100.0, < 7.0.0',
  kubernetesProvider: '~> 2.0',
  helmProvider: '~> 3.0',
  /** The control plane of every EKS cluster, and the node image of a local one. */
  kubernetes: '1.34',
  /** The major of the database on every target: RDS engine version, image, and the twin's binaries. */
  postgres: '17',
  /** The major of the cache on every target. */
  valkey: '8',
} as const;

/** Whether a version is another one or newer, by its numbers: `1.11.4` is at least `1.11`. */
export function atLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((each) => each.split('.').map(Number));
  for (let index = 0; index < (b?.length ?? 0); index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
