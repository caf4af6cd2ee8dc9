import { createHash } from 'node:crypto';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1, type DeploymentV1Spec } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1';
import { StatefulSetV1, type StatefulSetV1Spec } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import type { Construct } from 'constructs';
import { namespace } from '../../lib/in-cluster';
import type { Place } from '../named';

export type Container = DeploymentV1SpecTemplateSpecContainer;
type Spec = DeploymentV1SpecTemplateSpec;

/** What a container is given and may take at most: CPU as `100m`, memory as `128Mi`. */
export interface Size {
  readonly cpu: readonly [requested: string, most: string];
  readonly memory: readonly [requested: string, most: string];
}

/** What selects a component's pods: for services, policies and their own controller. */
export const selectorOf = (component: string) => ({ 'app.kubernetes.io/name': component });

/** The metadata of anything of a component. */
export function metadataOf({ environment, region, layer }: Place, component: string, name = component) {
  return {
    name,
    namespace,
    labels: {
      ...selectorOf(component),
      'app.kubernetes.io/part-of': 'tandem',
      'tandem/environment': environment,
      'tandem/region': region,
      'tandem/layer': layer,
    },
  };
}

/**
 * A container as the restricted Pod Security Standard wants it. Every field is written out: what is left out, the provider
 * sends as false, which the API server then refuses (`run_as_non_root`).
 * @param uid the user that it runs as, a number because the kubelet can't tell whether a name is root
 */
export function container({
  size,
  uid,
  ...own
}: Omit<Container, 'resources' | 'securityContext' | 'imagePullPolicy'> & {
  readonly size: Size;
  readonly uid: number;
}): Container {
  const { cpu, memory } = size;
  return {
    ...own,
    // Images are pinned, and some are only on the node.
    imagePullPolicy: 'IfNotPresent',
    resources: {
      requests: { cpu: cpu[0], memory: memory[0] },
      limits: { cpu: cpu[1], memory: memory[1] },
    },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: String(uid),
      runAsGroup: String(uid),
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/** What a pod of ours is made of, beside what all have. */
export type PodProps = Pick<
  Spec,
  'container' | 'initContainer' | 'volume' | 'terminationGracePeriodSeconds' | 'topologySpreadConstraint'
> & {
  readonly component: string;
  /** Whose group owns its volumes. */
  readonly gid: number;
  /** What its files say: when that changes, its pods are replaced. */
  readonly configuration?: Readonly<Record<string, string>>;
};

function template(scope: Construct, place: Place, { component, gid, configuration = {}, ...own }: PodProps) {
  const account = new ServiceAccountV1(scope, `${component}_account`, {
    metadata: metadataOf(place, component),
    automountServiceAccountToken: false,
  });
  const hash = createHash('sha256').update(JSON.stringify(configuration)).digest('hex').slice(0, 16);
  return {
    metadata: {
      labels: metadataOf(place, component).labels,
      annotations: { 'tandem/configuration': hash },
    },
    spec: {
      ...own,
      serviceAccountName: account.metadata.name,
      automountServiceAccountToken: false,
      // Else every service's address is an environment variable, some of them with names that programs read.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        fsGroup: String(gid),
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
  };
}

/** Pods that are all alike. */
export function deployment(
  scope: Construct,
  place: Place,
  pod: PodProps,
  own: Pick<DeploymentV1Spec, 'replicas' | 'strategy' | 'minReadySeconds'>,
  lifecycle?: { readonly ignoreChanges: string[] },
): DeploymentV1 {
  const { component } = pod;
  return new DeploymentV1(scope, component, {
    metadata: metadataOf(place, component),
    spec: {
      ...own,
      selector: { matchLabels: selectorOf(component) },
      template: template(scope, place, pod),
    },
    ...(lifecycle && { lifecycle }),
  });
}

/** One pod with a volume `data` of its own, which outlives it. */
export function store(
  scope: Construct,
  place: Place,
  pod: PodProps,
  { storageGb }: { readonly storageGb: number },
): StatefulSetV1 {
  const { component } = pod;
  const spec: StatefulSetV1Spec = {
    replicas: '1',
    serviceName: component,
    selector: { matchLabels: selectorOf(component) },
    template: template(scope, place, pod),
    updateStrategy: [{ type: 'RollingUpdate', rollingUpdate: [{ partition: 0 }] }],
    volumeClaimTemplate: [
      {
        metadata: { name: 'data', labels: selectorOf(component) },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: `${storageGb}Gi` } },
        },
      },
    ],
  };
  return new StatefulSetV1(scope, component, { metadata: metadataOf(place, component), spec });
}

/** Files for a component's pods, and the volume that brings them. */
export function files(
  scope: Construct,
  place: Place,
  component: string,
  data: Readonly<Record<string, string>>,
  name = component,
) {
  const map = new ConfigMapV1(scope, `${name.replaceAll('-', '_')}_files`, {
    metadata: metadataOf(place, component, name),
    data: Object.fromEntries(Object.entries(data).map(([file, text]) => [file, literal(text)])),
  });
  return { name, configMap: { name: map.metadata.name } };
}

/** A text of which Terraform evaluates nothing: "Strings and Templates", Terraform Language. */
const literal = (text: string): string => text.replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);

/** A volume in the node's memory or on its disk, gone with the pod. */
export const scratch = (name: string, sizeLimit: string, medium: 'Memory' | '' = '') => ({
  name,
  emptyDir: { sizeLimit, medium },
});

/** A volume with what a client of PostgreSQL checks its certificate by; the key is the servers' alone. */
export const certificateAuthority = {
  name: 'certificates',
  secret: {
    secretName: 'postgres-tls',
    defaultMode: '0444',
    items: [{ key: 'ca.crt', path: 'ca.crt' }],
  },
};
