import { z } from 'zod';
import { awsRules, commonRules, kubernetesRules, obey } from './rules';
import { aws, kubernetes, shared } from './schema';

const always = { when: () => true };
const byTarget = {
  aws: aws.superRefine(obey(commonRules), always).superRefine(obey(awsRules), always),
  kubernetes: kubernetes.superRefine(obey(commonRules), always).superRefine(obey(kubernetesRules), always),
};
const anyTarget = shared.superRefine(obey(commonRules), always);

export const environmentSchema = z.discriminatedUnion('target', [byTarget.aws, byTarget.kubernetes]);

/** The schema that finds most mistakes in `input`: its target's, or what all targets share while that is unknown. */
export function schemaFor(input: unknown) {
  const { data } = z.object({ target: shared.shape.target }).safeParse(input);
  return data === undefined ? anyTarget : byTarget[data.target];
}
