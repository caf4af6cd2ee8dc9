import { AcmCertificate } from '@cdktf/provider-aws/lib/acm-certificate';
import { AcmCertificateValidation } from '@cdktf/provider-aws/lib/acm-certificate-validation';
import { Route53Record } from '@cdktf/provider-aws/lib/route53-record';
import type { Construct } from 'constructs';
import type { TrafficPlace } from '../edge/contract';
import { named } from '../named';
import type { CertificatesOutputs, CertificatesProps } from './contract';

/** In seconds: a renewal looks for it once in a while. */
const validationTtl = 300;

/**
 * Declares a certificate in each region and in us-east-1. One record validates them all, for good: ACM asks for the same one for
 * a name and its wildcard, in every region of an account ("DNS validation", AWS Certificate Manager User Guide).
 */
export function certificates(scope: Construct, props: CertificatesProps): CertificatesOutputs {
  const idOf = ({ region }: TrafficPlace) => `certificate_${region.replaceAll('-', '_')}`;
  const request = (place: TrafficPlace) =>
    new AcmCertificate(scope, idOf(place), {
      provider: place.provider,
      domainName: props.name,
      subjectAlternativeNames: [`*.${props.name}`],
      validationMethod: 'DNS',
      tags: named('nameTag', place, 'certificate').tags,
      lifecycle: { createBeforeDestroy: true },
    });

  const [first, second] = props.regions;
  const requested = request(first);
  const asked = requested.domainValidationOptions.get(0);
  const record = new Route53Record(scope, 'certificate_validation', {
    zoneId: props.zoneId,
    name: asked.resourceRecordName,
    type: asked.resourceRecordType,
    ttl: validationTtl,
    records: [asked.resourceRecordValue],
  });
  const issued = (place: TrafficPlace, { arn: certificateArn } = request(place)) =>
    new AcmCertificateValidation(scope, `${idOf(place)}_issued`, {
      provider: place.provider,
      certificateArn,
      validationRecordFqdns: [record.fqdn],
    }).certificateArn;

  const regions = [issued(first, requested), issued(second)] as const;
  const at = [first.region, second.region].indexOf(props.usEast1.region);
  return { regions, usEast1: regions[at] ?? issued(props.usEast1) };
}
