import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { nodePorts } from '../../lib/in-cluster';
import { anybody, components, policy } from '../namespace/policies';
import type { Place } from '../named';
import { container, deployment, files, metadataOf, scratch, selectorOf } from '../pods/kubernetes';
import { alertRules } from './rules';

const component = 'prometheus';
/** `nobody`, as in the image. */
const uid = 65534;
const port = 9090;

/** Who is asked for metrics, by job: a pod a name, or every pod that a headless service has. */
const jobs = {
  postgres: { static_configs: [{ targets: ['postgres:9187'] }] },
  valkey: { static_configs: [{ targets: ['valkey:9121'] }] },
  autopilot: { static_configs: [{ targets: ['autopilot:8080'] }] },
  // By names and not by the API server, for which a token would be needed.
  workload: {
    dns_sd_configs: [{ names: ['workload-pods'], type: 'A', port: 8080, refresh_interval: '10s' }],
  },
};

/** A region's Prometheus: seven days, gone with its pod; nothing is decided by it. */
export function prometheus(
  scope: Construct,
  place: Place,
  { image, rpoSeconds }: { readonly image: string; readonly rpoSeconds: number },
): void {
  const { environment, region } = place;
  const configuration = {
    // YAML reads JSON.
    'prometheus.yml': JSON.stringify(
      {
        global: {
          scrape_interval: '15s',
          evaluation_interval: '15s',
          external_labels: { environment, region },
        },
        rule_files: ['/etc/prometheus/alerts.yml'],
        scrape_configs: Object.entries(jobs).map(([job_name, found]) => ({ job_name, ...found })),
      },
      null,
      1,
    ),
    'alerts.yml': alertRules(rpoSeconds),
  };
  deployment(
    scope,
    place,
    {
      component,
      gid: uid,
      configuration,
      terminationGracePeriodSeconds: 30,
      container: [
        container({
          name: component,
          image,
          uid,
          size: { cpu: ['100m', '200m'], memory: ['256Mi', '512Mi'] },
          args: [
            '--config.file=/etc/prometheus/prometheus.yml',
            '--storage.tsdb.path=/prometheus',
            '--storage.tsdb.retention.time=7d',
            '--storage.tsdb.retention.size=1GB',
          ],
          port: [{ name: 'prometheus', containerPort: port }],
          startupProbe: {
            httpGet: { path: '/-/ready', port: 'prometheus' },
            periodSeconds: 2,
            failureThreshold: 60,
          },
          readinessProbe: { httpGet: { path: '/-/ready', port: 'prometheus' }, periodSeconds: 10 },
          livenessProbe: {
            httpGet: { path: '/-/healthy', port: 'prometheus' },
            periodSeconds: 30,
            timeoutSeconds: 5,
          },
          volumeMount: [
            { name: 'configuration', mountPath: '/etc/prometheus', readOnly: true },
            { name: 'data', mountPath: '/prometheus' },
          ],
        }),
      ],
      volume: [
        { ...files(scope, place, component, configuration), name: 'configuration' },
        scratch('data', '2Gi'),
      ],
    },
    { replicas: '1', strategy: { type: 'Recreate' } },
  );
  new ServiceV1(scope, 'prometheus_service', {
    metadata: metadataOf(place, component),
    spec: {
      type: 'NodePort',
      selector: selectorOf(component),
      port: [{ name: 'prometheus', port, targetPort: 'prometheus', nodePort: nodePorts.prometheus }],
    },
  });
  policy(scope, place, component, {
    from: [
      { ends: [anybody], ports: [port] },
      { ends: components('grafana'), ports: [port] },
    ],
    to: [
      { ends: components('postgres'), ports: [9187] },
      { ends: components('valkey'), ports: [9121] },
      { ends: components('workload', 'autopilot'), ports: [8080] },
    ],
  });
}
