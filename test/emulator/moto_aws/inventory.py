"""Everything that exists and costs or holds something, so that a test can see that nothing is left."""

from moto.backends import get_backend

# By service, where moto keeps what somebody made. What an account has from the start is left out below.
kept = {
    "acm": ("_certificates",),
    "cloudfront": ("distributions", "origin_access_controls"),
    "cloudwatch": ("alarms", "dashboards"),
    "dynamodb": ("tables",),
    "ec2": (
        "vpcs",
        "vpc_end_points",
        "flow_logs",
        "vpc_pcxs",
        "route_tables",
        "internet_gateways",
        "addresses",
        "nat_gateways",
        "launch_templates",
        "transit_gateways",
    ),
    "ecr": ("repositories",),
    "ecs": ("clusters", "services"),
    "eks": ("clusters",),
    "elasticache": ("replication_groups", "cache_subnet_groups", "parameter_groups", "users", "user_groups", "snapshots"),
    "elbv2": ("load_balancers", "target_groups"),
    "iam": ("roles", "managed_policies", "open_id_providers"),
    "kms": ("keys",),
    "logs": ("groups", "deliveries", "delivery_sources", "delivery_destinations"),
    "rds": ("databases", "database_snapshots", "subnet_groups", "db_parameter_groups"),
    "route53": ("zones", "health_checks"),
    "s3": ("buckets",),
    "secretsmanager": ("secrets",),
    "sns": ("topics",),
    "wafv2": ("wacls",),
}
gone = ("deleted", "DELETED", "deleting", "PendingDeletion", "INACTIVE")


def inventory(account):
    """What is there as `service/kind region id`, sorted."""
    return sorted(
        f"{service}/{kind.strip('_')} {region} {identifier}"
        for service, kinds in kept.items()
        for region, backend in get_backend(service)[account].items()
        for kind in kinds
        for identifier, thing in things_in(getattr(backend, kind))
        if not from_the_start(identifier, thing)
    )


def things_in(container):
    if isinstance(container, list):
        return [(getattr(thing, "allocation_id", str(thing)), thing) for thing in container]
    return list(container.items())


def from_the_start(identifier, thing):
    """Defaults of an account, and what moto keeps although it is gone."""
    state = getattr(thing, "state", None) or getattr(thing, "key_state", None) or getattr(thing, "status", None)
    vpc = getattr(thing, "vpc_id", None)
    return (
        state in gone
        # A peering connection says it elsewhere, and a secret by the date until which it can be restored.
        or getattr(getattr(thing, "_status", None), "code", None) in gone
        or getattr(thing, "deleted_date", None) is not None
        or str(getattr(thing, "is_default", "false")).lower() == "true"
        or identifier.startswith("default")
        # What moto makes where AWS would use a key of its own.
        or getattr(thing, "description", None) == "Default key"
        or "arn:aws:iam::aws:" in identifier
        or (vpc is not None and getattr(thing, "main_association_id", None) is not None)
    )
