import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { LocalBackend, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../environments';
import { versions } from '../lib/versions';
import { traffic } from '../modules/traffic/aws';
import type { TrafficRegion } from '../modules/traffic/contract';

/**
 * What moves clients between an environment's regions: one global stack, the same bytes whichever region is active.
 * An environment on another target synthesizes it too, and serves its records with a DNS of its own.
 */
export class TrafficStack extends TerraformStack {
  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    // Relative, because cdktf's default is the absolute path of whoever synthesizes.
    new LocalBackend(this, { path: 'terraform.tfstate' });
    this.addOverride('terraform.required_providers.aws.version', versions.awsProvider);

    const [first, second] = environment.regions;
    new AwsProvider(this, 'aws', { region: first });
    const { dns, healthCheck } = environment;
    const { publicName, nameServers, healthCheckIds } = traffic(this, {
      environment: environment.name,
      ...dns,
      healthCheck,
      regions: [this.regionOf(first), this.regionOf(second)],
    });

    new TerraformOutput(this, 'public_name', { value: publicName });
    new TerraformOutput(this, 'name_servers', { value: nameServers });
    new TerraformOutput(this, 'health_check_ids', { value: healthCheckIds });
  }

  private regionOf(name: string): TrafficRegion {
    const alias = name.replaceAll('-', '_');
    return {
      name,
      provider: new AwsProvider(this, `aws_${alias}`, { alias, region: name }),
      // A placeholder while no layer creates the load balancer: this plans, but Route 53 refuses an alias into a
      // zone it doesn't know, so it can't be applied and then answer with nothing behind it.
      loadBalancer: { dnsName: `load-balancer.${name}.invalid`, zoneId: 'ZPLACEHOLDER' },
    };
  }
}
