import { halfMadeIn } from '../../cli/terraform/half-made';

describe('what is half made, by a state', () => {
  const resource = (type: string, instances: readonly object[], mode = 'managed') => ({
    mode,
    type,
    name: 'data',
    provider: 'provider["registry.terraform.io/hashicorp/aws"]',
    instances,
  });
  const whole = { schema_version: 0, attributes: { id: '1' } };
  const tainted = { status: 'tainted', ...whole };

  it('is what is stateful and tainted, by its address', () => {
    const resources = [
      resource('aws_kms_key', [tainted]),
      resource('aws_s3_bucket', [
        { ...tainted, index_key: 0 },
        { ...tainted, index_key: 'logs' },
      ]),
    ];
    expect(halfMadeIn({ version: 4, resources })).toEqual([
      'aws_kms_key.data',
      'aws_s3_bucket.data[0]',
      'aws_s3_bucket.data["logs"]',
    ]);
  });

  it('is nothing that is whole, holds nothing, or is only read', () => {
    const resources = [
      resource('aws_kms_key', [whole]),
      resource('aws_security_group', [tainted]),
      resource('aws_kms_key', [tainted], 'data'),
    ];
    expect(halfMadeIn({ version: 4, resources })).toEqual([]);
  });
});
