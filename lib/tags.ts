/**
 * The tags that say where an AWS resource belongs. A fresh object each time: cdktf makes a cross-stack reference of
 * a tags object that two stacks share. No version among them, or each release would change every resource.
 */
export function tagsOf(of: { environment: string; region?: string; layer: string }): Record<string, string> {
  return {
    'tandem:environment': of.environment,
    ...(of.region !== undefined && { 'tandem:region': of.region }),
    'tandem:layer': of.layer,
  };
}
