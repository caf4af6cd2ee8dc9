import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { traffic } from '../modules/traffic/aws';
import type { TrafficRegion } from '../modules/traffic/contract';
import { AwsStack } from './aws-stack';
import type { Deployment } from './deployment';

/**
 * What moves clients between an environment's regions: one global stack, the same bytes whichever region is active.
 * An environment on another target synthesizes it too, and serves its records with a DNS of its own.
 */
export class TrafficStack extends AwsStack {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id, deployment, 'traffic');
    const { environment } = deployment;
    const [first, second] = environment.regions;
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
    return {
      name,
      provider: this.aliased(name),
      // A placeholder while no layer creates the load balancer: this plans, but Route 53 refuses an alias into a
      // zone it doesn't know, so it can't be applied and then answer with nothing behind it.
      loadBalancer: { dnsName: `load-balancer.${name}.invalid`, zoneId: 'ZPLACEHOLDER' },
    };
  }
}
