import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import type { Construct } from 'constructs';
import { nodePorts } from '../../lib/in-cluster';
import { anybody, components, policy } from '../namespace/policies';
import type { Place } from '../named';
import { container, deployment, files, metadataOf, scratch, selectorOf } from '../pods/kubernetes';
import dashboard from './dashboard.json';

const component = 'grafana';
/** As its image has it. */
const uid = 472;
const port = 3000;
const at = { configuration: '/etc/tandem', data: '/var/lib/grafana' };

/** What it shows, and from where. YAML reads JSON. */
const configuration = {
  'datasources.yaml': JSON.stringify({
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus:9090',
        isDefault: true,
      },
    ],
  }),
  'dashboards.yaml': JSON.stringify({
    apiVersion: 1,
    providers: [{ name: 'tandem', type: 'file', options: { path: `${at.configuration}/shown` } }],
  }),
  'region.json': JSON.stringify(dashboard),
};

/** Whoever reaches it sees, and nobody changes anything: there is no user, and so no password. */
const settings = {
  GF_PATHS_PROVISIONING: `${at.configuration}/provisioning`,
  GF_AUTH_ANONYMOUS_ENABLED: 'true',
  GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
  GF_AUTH_BASIC_ENABLED: 'false',
  GF_AUTH_DISABLE_LOGIN_FORM: 'true',
  GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
  // Each would leave the cluster, which the policy refuses.
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: `${at.configuration}/shown/region.json`,
  GF_LOG_MODE: 'console',
};

/** A region's Grafana, with a dashboard of the region. */
export function grafana(scope: Construct, place: Place, image: string): void {
  const mount = (subPath: string, path: string) => ({
    name: 'configuration',
    mountPath: `${at.configuration}/${path}`,
    subPath,
    readOnly: true,
  });
  const healthy = { httpGet: { path: '/api/health', port: 'grafana' } };
  deployment(
    scope,
    place,
    {
      component,
      gid: uid,
      configuration: { ...configuration, ...settings },
      terminationGracePeriodSeconds: 15,
      container: [
        container({
          name: component,
          image,
          uid,
          size: { cpu: ['50m', '200m'], memory: ['128Mi', '256Mi'] },
          env: Object.entries(settings).map(([name, value]) => ({ name, value })),
          port: [{ name: 'grafana', containerPort: port }],
          // It makes its database at each start.
          startupProbe: { ...healthy, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 36 },
          readinessProbe: { ...healthy, periodSeconds: 10, timeoutSeconds: 5 },
          livenessProbe: { ...healthy, periodSeconds: 30, timeoutSeconds: 5 },
          volumeMount: [
            mount('datasources.yaml', 'provisioning/datasources/datasources.yaml'),
            mount('dashboards.yaml', 'provisioning/dashboards/dashboards.yaml'),
            mount('region.json', 'shown/region.json'),
            { name: 'data', mountPath: at.data },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        }),
      ],
      volume: [
        { ...files(scope, place, component, configuration), name: 'configuration' },
        scratch('data', '256Mi'),
        scratch('tmp', '64Mi'),
      ],
    },
    { replicas: '1', strategy: { type: 'Recreate' } },
  );
  new ServiceV1(scope, 'grafana_service', {
    metadata: metadataOf(place, component),
    spec: {
      type: 'NodePort',
      selector: selectorOf(component),
      port: [{ name: 'grafana', port, targetPort: 'grafana', nodePort: nodePorts.grafana }],
    },
  });
  policy(scope, place, component, {
    from: [{ ends: [anybody], ports: [port] }],
    to: [{ ends: components('prometheus'), ports: [9090] }],
  });
}
