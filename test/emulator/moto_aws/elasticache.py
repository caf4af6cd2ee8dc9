"""ElastiCache: parameter groups, users' groups, nodes of replication groups, and groups that can be changed and really go.

moto keeps a deleted replication group for good, knows none of the nodes that it lists as members, and has no parameter and user
groups. Sources: the pages of the actions in the Amazon ElastiCache API Reference.
"""

from moto.core.responses import ActionResult
from moto.elasticache import models, responses
from moto.elasticache.exceptions import ElastiCacheException

from .elasticache_global import datastores, join, member_role
from .extend import extends


class ParameterGroupNotFound(ElastiCacheException):
    code = "CacheParameterGroupNotFound"


class UserGroupNotFound(ElastiCacheException):
    code = "UserGroupNotFound"


# What ModifyReplicationGroup changes at once: parameter, then moto's attribute.
changeable = {
    "ReplicationGroupDescription": "description",
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
}


@extends(models.ReplicationGroup)
class Group:
    @property
    def global_replication_group_info(self):
        role = member_role(self)
        if role is None:
            return None
        identifier = self.global_replication_group_id
        return {"GlobalReplicationGroupId": identifier, "GlobalReplicationGroupMemberRole": role}


@extends(models.ElastiCacheBackend)
class Backend:
    def __init__(self, region_name, account_id):
        self.moto_init(region_name, account_id)
        self.parameter_groups = {}
        self.user_groups = {}

    def arn(self, kind, name):
        return f"arn:aws:elasticache:{self.region_name}:{self.account_id}:{kind}:{name}"

    def list_tags_for_resource(self, arn):
        return self.tagging_service.list_tags_for_resource(arn)

    def create_replication_group(self, **wanted):
        datastore = datastores.get(wanted["global_replication_group_id"])
        if datastore:
            wanted |= datastore.shape
        group = self.moto_create_replication_group(**wanted)
        if datastore:
            join(datastore, group, self.region_name)
        return group

    def delete_replication_group(self, replication_group_id, retain_primary_cluster):
        [group] = self.describe_replication_groups(replication_group_id)
        if member_role(group):
            raise ElastiCacheException(
                "InvalidReplicationGroupState",
                f"Replication group {replication_group_id} is part of a global replication group",
            )
        self.moto_delete_replication_group(replication_group_id, retain_primary_cluster)
        return self.replication_groups.pop(replication_group_id)

    def describe_cache_clusters(self, cache_cluster_id=None):
        for group in self.replication_groups.values():
            if cache_cluster_id in group.member_clusters:
                return [self.node_of(group, cache_cluster_id)]
        return self.moto_describe_cache_clusters(cache_cluster_id)

    def node_of(self, group, node):
        return {
            "CacheClusterId": node,
            "ReplicationGroupId": group.replication_group_id,
            "ARN": self.arn("cluster", node),
            "CacheClusterStatus": "available",
            "Engine": group.engine,
            "EngineVersion": f"{group.engine_version}.0",
            "CacheNodeType": group.cache_node_type,
            "NumCacheNodes": 1,
            "CacheSubnetGroupName": group.cache_subnet_group_name,
            "CacheParameterGroup": {
                "CacheParameterGroupName": group.cache_parameter_group_name,
                "ParameterApplyStatus": "in-sync",
            },
            "SecurityGroups": [{"SecurityGroupId": i, "Status": "active"} for i in group.security_group_ids or []],
            "PreferredMaintenanceWindow": group.preferred_maintenance_window,
            "SnapshotWindow": group.snapshot_window,
            "SnapshotRetentionLimit": group.snapshot_retention_limit,
            "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
            "TransitEncryptionEnabled": group.transit_encryption_enabled,
            "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
            "AuthTokenEnabled": group.auth_token_enabled,
        }

    def delete_user(self, user_id):
        user = self.moto_delete_user(user_id)
        self.users.pop(user_id)
        return user

    def parameter_group(self, name):
        if name not in self.parameter_groups:
            raise ParameterGroupNotFound(f"CacheParameterGroup not found: {name}")
        return self.parameter_groups[name]

    def user_group(self, name):
        if name not in self.user_groups:
            raise UserGroupNotFound(f"User group {name} not found.")
        return self.user_groups[name]


@extends(responses.ElastiCacheResponse)
class Response:
    def create_cache_parameter_group(self):
        backend = self.elasticache_backend
        name = self._get_param("CacheParameterGroupName")
        group = {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
            "Description": self._get_param("Description"),
            "IsGlobal": False,
            "ARN": backend.arn("parametergroup", name),
            "Parameters": {},
        }
        backend.parameter_groups[name] = group
        backend.tagging_service.tag_resource(group["ARN"], self._get_param("Tags", []))
        return ActionResult({"CacheParameterGroup": group})

    def describe_cache_parameter_groups(self):
        name = self._get_param("CacheParameterGroupName")
        backend = self.elasticache_backend
        groups = [backend.parameter_group(name)] if name else list(backend.parameter_groups.values())
        return ActionResult({"CacheParameterGroups": groups})

    def modify_cache_parameter_group(self):
        group = self.elasticache_backend.parameter_group(self._get_param("CacheParameterGroupName"))
        for parameter in self._get_param("ParameterNameValues", []):
            group["Parameters"][parameter["ParameterName"]] = parameter["ParameterValue"]
        return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})

    def reset_cache_parameter_group(self):
        group = self.elasticache_backend.parameter_group(self._get_param("CacheParameterGroupName"))
        for parameter in self._get_param("ParameterNameValues", []):
            group["Parameters"].pop(parameter["ParameterName"], None)
        return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})

    def describe_cache_parameters(self):
        group = self.elasticache_backend.parameter_group(self._get_param("CacheParameterGroupName"))
        parameters = [
            {"ParameterName": name, "ParameterValue": value, "Source": "user"}
            for name, value in group["Parameters"].items()
        ]
        return ActionResult({"Parameters": parameters})

    def delete_cache_parameter_group(self):
        backend = self.elasticache_backend
        group = backend.parameter_group(self._get_param("CacheParameterGroupName"))
        backend.parameter_groups.pop(group["CacheParameterGroupName"])
        return ActionResult({})

    def delete_cache_subnet_group(self):
        [group] = self.elasticache_backend.describe_cache_subnet_groups(self._get_param("CacheSubnetGroupName"))
        self.elasticache_backend.cache_subnet_groups.pop(group.cache_subnet_group_name)
        return ActionResult({})

    def create_user_group(self):
        backend = self.elasticache_backend
        name = self._get_param("UserGroupId")
        group = {
            "UserGroupId": name,
            "Status": "active",
            "Engine": self._get_param("Engine"),
            "UserIds": self._get_param("UserIds", []),
            "MinimumEngineVersion": "7.2",
            "ARN": backend.arn("usergroup", name),
        }
        backend.user_groups[name] = group
        backend.tagging_service.tag_resource(group["ARN"], self._get_param("Tags", []))
        return ActionResult(group)

    def describe_user_groups(self):
        name = self._get_param("UserGroupId")
        backend = self.elasticache_backend
        groups = [backend.user_group(name)] if name else list(backend.user_groups.values())
        return ActionResult({"UserGroups": groups})

    def delete_user_group(self):
        backend = self.elasticache_backend
        group = backend.user_group(self._get_param("UserGroupId"))
        return ActionResult({**backend.user_groups.pop(group["UserGroupId"]), "Status": "deleting"})

    def modify_replication_group(self):
        [group] = self.elasticache_backend.describe_replication_groups(self._get_param("ReplicationGroupId"))
        for parameter, attribute in changeable.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(group, attribute, value)
        for parameter, attribute in (("MultiAZEnabled", "multi_az"), ("AutomaticFailoverEnabled", "automatic_failover")):
            wanted = self._get_bool_param(parameter)
            if wanted is not None:
                setattr(group, attribute, "enabled" if wanted else "disabled")
        return ActionResult({"ReplicationGroup": group})

    def delete_replication_group(self):
        final = self._get_param("FinalSnapshotIdentifier")
        if final:
            self.elasticache_backend.create_snapshot(final, self._get_param("ReplicationGroupId"), None, None, None)
        return self.moto_delete_replication_group()
