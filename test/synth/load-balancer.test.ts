import { all, clusters } from './clusters';

describe.each(clusters)('the edge and the images of $name in $region', (cluster) => {
  const { name, peer, resource, environment } = cluster;

  it('is open to the world on 443 of the load balancer only, and from there to the pods’ port', () => {
    const groupOf = { security_group_id: '${aws_security_group.load_balancer_group.id}' };
    const podsOf = '${aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id}';
    const port = { ip_protocol: 'tcp', from_port: 8080, to_port: 8080 };
    const rules = resource.aws_vpc_security_group_ingress_rule ?? {};
    expect(Object.keys(rules)).toHaveLength(2);
    expect(rules.https_from_anywhere).toMatchObject({
      ...groupOf,
      cidr_ipv4: '0.0.0.0/0',
      ip_protocol: 'tcp',
      from_port: 443,
      to_port: 443,
    });
    expect(rules.pods_from_load_balancer).toMatchObject({
      security_group_id: podsOf,
      referenced_security_group_id: groupOf.security_group_id,
      ...port,
    });
    expect(all(resource, 'aws_vpc_security_group_egress_rule')).toMatchObject([
      { ...groupOf, referenced_security_group_id: podsOf, ...port },
    ]);
    for (const group of all(resource, 'aws_security_group')) {
      expect(group).not.toHaveProperty('ingress');
      expect(group).not.toHaveProperty('egress');
    }
  });

  it('has a public load balancer that asks pods what Route 53 asks the region', () => {
    expect(resource.aws_lb?.load_balancer).toMatchObject({
      internal: false,
      load_balancer_type: 'application',
      enable_deletion_protection: environment.protected,
      drop_invalid_header_fields: true,
      desync_mitigation_mode: 'defensive',
      access_logs: { bucket: '${aws_s3_bucket.access_logs.bucket}', enabled: true },
    });
    expect(resource.aws_lb_target_group?.pods).toMatchObject({
      target_type: 'ip',
      port: 8080,
      health_check: { path: environment.healthCheck.path, matcher: '200' },
    });
  });

  it('copies images to the peer, under the same name and immutable', () => {
    expect(resource.aws_ecr_repository?.repository).toMatchObject({
      name: `tandem-${name}-global-reference`,
      image_tag_mutability: 'IMMUTABLE',
      image_scanning_configuration: { scan_on_push: true },
    });
    expect(resource.aws_ecr_replication_configuration?.replication?.replication_configuration).toEqual({
      rule: [
        {
          destination: [{ region: peer, registry_id: environment.account }],
          // Whatever an environment's name is: the setting is the account's.
          repository_filter: [{ filter: 'tandem-', filter_type: 'PREFIX_MATCH' }],
        },
      ],
    });
  });
});
