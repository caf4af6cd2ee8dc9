import { Manifest } from '@cdktf/provider-kubernetes/lib/manifest';
import type { Construct } from 'constructs';
import type { End } from '../namespace/policies';
import type { Place } from '../named';
import { metadataOf, selectorOf } from '../pods/kubernetes';

/** Who reads a component's exporter: our Prometheus, and with service monitors an operator's, wherever that runs. */
export const scrapers = (serviceMonitors: boolean): readonly End[] =>
  serviceMonitors
    ? [{ component: 'prometheus' }, { component: 'prometheus', anywhere: true }]
    : [{ component: 'prometheus' }];

/** Tells an operator of Prometheus of a component's exporter. Terraform asks the cluster for its custom resource to plan it. */
export function serviceMonitor(scope: Construct, place: Place, component: string): void {
  new Manifest(scope, `${component}_monitor`, {
    manifest: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: metadataOf(place, component),
      spec: {
        selector: { matchLabels: selectorOf(component) },
        endpoints: [{ port: 'metrics', interval: '15s' }],
      },
    },
  });
}
