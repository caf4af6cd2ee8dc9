import { awsDeployments, configurationOf, synthesized } from './graph';

/** Every cluster stack of every environment on AWS. */
export const clusters = awsDeployments.flatMap((deployment) => {
  const { environment } = deployment;
  const [first, second] = environment.regions;
  return synthesized([deployment])
    .filter(({ layer }) => layer === 'cluster')
    .map((stack) => ({
      stack,
      name: environment.name,
      region: stack.region ?? '',
      peer: stack.region === first ? second : first,
      environment,
      clusterName: `tandem-${environment.name}-${stack.region ?? ''}-cluster`,
      resource: configurationOf(stack).resource,
    }));
});

export type Resources = (typeof clusters)[number]['resource'];

/** The resources of a type, without their ids. */
export const all = (resource: Resources, type: string) => Object.values(resource[type] ?? {});
