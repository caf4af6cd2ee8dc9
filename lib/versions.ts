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
  /** The k3s that `tandem up` runs on k3d: an image's tag, of the release of the same name (k3s-io/k3s on GitHub). */
  k3s: 'v1.34.9-k3s1',
  /** The release of EKS's Amazon Linux 2023 images that nodes start from ("Releases", amazon-eks-ami on GitHub). */
  eksNodes: '1.34.9-20260801',
  /** EKS add-ons, by name; `aws eks describe-addon-versions --kubernetes-version` lists what a cluster takes. */
  eksAddons: {
    'aws-ebs-csi-driver': 'v1.57.1-eksbuild.1',
    coredns: 'v1.13.2-eksbuild.3',
    'eks-pod-identity-agent': 'v1.3.10-eksbuild.2',
    'kube-proxy': 'v1.34.5-eksbuild.2',
    'metrics-server': 'v0.8.1-eksbuild.4',
    'vpc-cni': 'v1.21.1-eksbuild.5',
  },
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
