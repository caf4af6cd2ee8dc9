import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { versions } from '../../lib/versions';
import type { Place } from '../../modules/named';
import type { Cluster, KubernetesDeployment } from '../deployment';

/** What stands for a region's cluster before there is one: names that k3d gives, addresses for documentation (RFC 5737). */
const placeholder = (environment: string, region: string, at: number): Cluster => ({
  context: `k3d-tandem-${environment}-${region}`,
  addresses: [`192.0.2.${at + 1}`],
  dnsServer: '203.0.113.53:53',
});

/** A stack in the cluster of one region, found by its kube context. Where the contexts are is Terraform's environment's to say. */
export class KubernetesStack extends TerraformStack {
  readonly cluster: Cluster;
  /** The other region and its cluster. */
  readonly peer: Cluster & { readonly region: string };
  readonly place: Place;

  constructor(
    scope: Construct,
    id: string,
    readonly deployment: KubernetesDeployment,
    layer: string,
    region: string,
  ) {
    super(scope, id);
    const { environment, clusters, mode } = deployment;
    const { name, regions } = environment;
    const peer = region === regions[0] ? regions[1] : regions[0];
    const clusterOf = (of: string): Cluster =>
      clusters?.[of] ?? placeholder(name, of, of === regions[0] ? 0 : 1);
    this.cluster = clusterOf(region);
    this.peer = { ...clusterOf(peer), region: peer };
    this.place = { environment: name, region, layer };
    this.addOverride('terraform.required_version', `>= ${versions.terraform}.0`);
    const live = mode === 'live';
    // Offline an address that nobody has, for a context has to be there: nothing is asked for a plan from nothing.
    const reached = live ? { configContext: this.cluster.context } : { host: 'https://192.0.2.1:6443' };
    new KubernetesProvider(this, 'kubernetes', reached);
    // Relative to the stack's folder: what is synthesized into one folder shares the states in it, and offline there are none.
    const path = live ? `../../state/${name}/${id}.tfstate` : 'terraform.tfstate';
    new LocalBackend(this, { path });
  }
}
