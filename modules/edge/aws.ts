import { CloudfrontDistribution } from '@cdktf/provider-aws/lib/cloudfront-distribution';
import { CloudfrontOriginAccessControl } from '@cdktf/provider-aws/lib/cloudfront-origin-access-control';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import type { Construct } from 'constructs';
import { physicalName } from '../../lib/names';
import { named } from '../named';
import { accessLog } from './access-log';
import type { EdgeOutputs, EdgeProps } from './contract';
import { webAcl } from './web-acl';

/** AWS's own policies. Source: "Use managed cache policies" and its siblings, Amazon CloudFront Developer Guide. */
const managedPolicies = {
  cachingOptimized: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  /** The origin is asked under its own name: its certificate and its rules know no other. */
  allViewerExceptHostHeader: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
  securityHeaders: '67f7725c-6f97-4210-82d7-5512b31e9d03',
};

const reads = ['GET', 'HEAD'];
const behavior = {
  cachedMethods: reads,
  compress: true,
  viewerProtocolPolicy: 'redirect-to-https',
  responseHeadersPolicyId: managedPolicies.securityHeaders,
};

/**
 * Declares the CloudFront distribution. The application is one origin that Route 53 moves, because CloudFront fails over reads
 * alone; static content is a group of two origins ("Optimize high availability with CloudFront origin failover", Amazon
 * CloudFront Developer Guide).
 */
export function edge(scope: Construct, props: EdgeProps): EdgeOutputs {
  const { usEast1: provider, keyArn, logRetentionDays } = props;
  const webAclId = webAcl(scope, 'web_acl_edge', {
    provider,
    scope: 'CLOUDFRONT',
    ...named('webAcl', props, 'edge'),
    keyArn,
    logRetentionDays,
  });
  const accessControl = new CloudfrontOriginAccessControl(scope, 'content_access', {
    name: physicalName('originAccessControl', { environment: props.environment, component: 'content' }),
    originAccessControlOriginType: 's3',
    signingBehavior: 'always',
    signingProtocol: 'sigv4',
  });
  const content = props.contentDomainNames.map((domainName, at) => ({
    originId: `content-${at + 1}`,
    domainName,
  }));

  const distribution = new CloudfrontDistribution(scope, 'edge', {
    comment: `${props.name}: the application, and static content from both regions`,
    enabled: true,
    isIpv6Enabled: true,
    httpVersion: 'http2and3',
    aliases: [props.name],
    webAclId,
    viewerCertificate: {
      acmCertificateArn: props.certificateArn,
      sslSupportMethod: 'sni-only',
      minimumProtocolVersion: 'TLSv1.2_2021',
    },
    origin: [
      {
        originId: 'application',
        domainName: props.applicationName,
        customOriginConfig: {
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: 'https-only',
          originSslProtocols: ['TLSv1.2'],
        },
      },
      ...content.map((origin) => ({
        ...origin,
        originAccessControlId: accessControl.id,
        // 6 s until the other bucket is asked, where the defaults would take 30.
        connectionAttempts: 2,
        connectionTimeout: 3,
      })),
    ],
    originGroup: [
      {
        originId: 'content',
        member: content.map(({ originId }) => ({ originId })),
        // 403 and 404 too: what is not replicated yet is in the other bucket.
        failoverCriteria: { statusCodes: [403, 404, 500, 502, 503, 504] },
      },
    ],
    defaultCacheBehavior: {
      ...behavior,
      targetOriginId: 'application',
      allowedMethods: [...reads, 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
      cachePolicyId: managedPolicies.cachingDisabled,
      originRequestPolicyId: managedPolicies.allViewerExceptHostHeader,
    },
    orderedCacheBehavior: [
      {
        ...behavior,
        pathPattern: '/static/*',
        targetOriginId: 'content',
        allowedMethods: reads,
        cachePolicyId: managedPolicies.cachingOptimized,
      },
    ],
    // CloudFront keeps an error for 10 s unless told: a lost region's would outlive its loss.
    customErrorResponse: [500, 502, 503, 504].map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
    restrictions: { geoRestriction: { restrictionType: 'none' } },
    tags: named('nameTag', props, 'edge').tags,
  });

  for (const type of ['A', 'AAAA']) {
    new Route53Record(scope, `edge_${type.toLowerCase()}`, {
      zoneId: props.zoneId,
      name: props.name,
      type,
      alias: {
        name: distribution.domainName,
        zoneId: distribution.hostedZoneId,
        evaluateTargetHealth: false,
      },
    });
  }
  accessLog(scope, props, distribution.arn);
  return { distributionId: distribution.id, distributionArn: distribution.arn };
}
