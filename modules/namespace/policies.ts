import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import type { Construct } from 'constructs';
import type { Place } from '../named';
import { metadataOf, selectorOf } from '../pods/kubernetes';

/** The other end of a connection: pods of a component, of the namespace or of any, or IPv4 addresses. */
export type End = { readonly component: string; readonly anywhere?: true } | { readonly cidr: string };

/** Connections that a policy admits. */
export interface Admitted {
  /** Any of them. */
  readonly ends: readonly End[];
  /** TCP ports of whoever is connected to. */
  readonly ports: readonly number[];
  /** Whether UDP is admitted too. */
  readonly udp?: boolean;
}

/** Clients that no policy can name: what a NodePort is for. */
export const anybody: End = { cidr: '0.0.0.0/0' };

const ofComponent = (component: string): End => ({ component });
export const components = (...names: readonly string[]): readonly End[] => names.map(ofComponent);
/** Single addresses. */
export const addresses = (each: readonly string[]): readonly End[] =>
  each.map((address) => ({ cidr: `${address}/32` }));

const endOf = (end: End) =>
  'cidr' in end
    ? { ipBlock: { cidr: end.cidr } }
    : {
        podSelector: { matchLabels: selectorOf(end.component) },
        ...(end.anywhere && { namespaceSelector: {} }),
      };

const portsOf = ({ ports, udp }: Admitted) =>
  ports.flatMap((port) =>
    (udp ? ['TCP', 'UDP'] : ['TCP']).map((protocol) => ({ port: String(port), protocol })),
  );

/** Admits to a component's pods, and from them, what is listed; all else the namespace denies. */
export function policy(
  scope: Construct,
  place: Place,
  component: string,
  { from, to }: { readonly from: readonly Admitted[]; readonly to: readonly Admitted[] },
): void {
  new NetworkPolicyV1(scope, `${component}_policy`, {
    metadata: metadataOf(place, component),
    spec: {
      podSelector: { matchLabels: selectorOf(component) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: from.map((each) => ({ from: each.ends.map(endOf), ports: portsOf(each) })),
      egress: to.map((each) => ({ to: each.ends.map(endOf), ports: portsOf(each) })),
    },
  });
}
