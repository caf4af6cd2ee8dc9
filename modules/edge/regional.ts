import { LbListener } from '@cdktf/provider-aws/lib/lb-listener';
import { Wafv2WebAclAssociation } from '@cdktf/provider-aws/lib/wafv2-web-acl-association';
import type { Construct } from 'constructs';
import { named } from '../named';
import type { RegionalEdgeProps } from './contract';
import { webAcl } from './web-acl';

/** Declares how a region's load balancer is reached: over HTTPS alone, past a web ACL. */
export function regionalEdge(scope: Construct, props: RegionalEdgeProps): void {
  const { region, provider, loadBalancerArn } = props;
  const id = region.replaceAll('-', '_');
  new LbListener(scope, `https_${id}`, {
    provider,
    loadBalancerArn,
    port: 443,
    protocol: 'HTTPS',
    // TLS 1.3, and 1.2 for Route 53's checkers, which speak no later one ("HealthCheckConfig", Route 53 API Reference).
    sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    certificateArn: props.certificateArn,
    defaultAction: [{ type: 'forward', targetGroupArn: props.targetGroupArn }],
    tags: named('nameTag', props, 'https').tags,
  });

  const { keyArn, logRetentionDays } = props;
  const webAclArn = webAcl(scope, `web_acl_${id}`, {
    provider,
    scope: 'REGIONAL',
    ...named('webAcl', props, 'load-balancer'),
    keyArn,
    logRetentionDays,
  });
  new Wafv2WebAclAssociation(scope, `web_acl_${id}_association`, {
    provider,
    resourceArn: loadBalancerArn,
    webAclArn,
  });
}
