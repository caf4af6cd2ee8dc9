"""ElastiCache Global Datastores, of which moto has nothing.

Sources: "Replication across AWS Regions using global datastores", Amazon ElastiCache User Guide: one primary, copies that take
their shape from it, a failover that any member's region can be asked for, and a deletion only after the last copy has left.
"""

from moto.core.responses import ActionResult
from moto.elasticache import models, responses
from moto.elasticache.exceptions import ElastiCacheException

from .extend import extends
from .pace import cache_failover, passed

datastores = {}


# Not of classes of its own: moto reads an error's service from the module of its class.
def not_found(identifier):
    return ElastiCacheException("GlobalReplicationGroupNotFoundFault", f"Global replication group {identifier} not found.")


def wrong_state(message):
    return ElastiCacheException("InvalidGlobalReplicationGroupState", message)


class Datastore:
    def __init__(self, identifier, description, group, region, account):
        self.identifier = identifier
        self.description = description
        self.arn = f"arn:aws:elasticache::{account}:globalreplicationgroup:{identifier}"
        # What AWS copies from the primary, as the arguments of moto's create_replication_group.
        self.shape = {
            "engine": group.engine,
            "engine_version": group.engine_version,
            "cache_node_type": group.cache_node_type,
            "num_node_groups": len(group.node_groups),
            "cluster_mode": group.cluster_mode,
            "automatic_failover_enabled": group.automatic_failover == "enabled",
            "transit_encryption_enabled": group.transit_encryption_enabled,
            "at_rest_encryption_enabled": group.at_rest_encryption_enabled,
            "cache_parameter_group_name": f"global-datastore-{group.cache_parameter_group_name}",
        }
        self.slots = [(node["node_group_id"], node.get("slots")) for node in group.node_groups]
        self.members = {}
        self.primary_region = region
        self.failing_over_to = None
        self.failed_over_at = None

    def settle(self):
        """Ends a failover whose time is over."""
        if not passed(self.failed_over_at):
            return
        if not cache_failover.fails:
            self.primary_region = self.failing_over_to
        self.failed_over_at = None

    def role_in(self, region):
        self.settle()
        return "PRIMARY" if region == self.primary_region else "SECONDARY"

    def shown(self):
        self.settle()
        return {
            "GlobalReplicationGroupId": self.identifier,
            "GlobalReplicationGroupDescription": self.description,
            "ARN": self.arn,
            "Status": "modifying" if self.failed_over_at else "primary-only" if len(self.members) == 1 else "available",
            "CacheNodeType": self.shape["cache_node_type"],
            "Engine": self.shape["engine"],
            "EngineVersion": f"{self.shape['engine_version']}.0",
            "ClusterEnabled": self.shape["cluster_mode"] == "enabled",
            "AuthTokenEnabled": False,
            "TransitEncryptionEnabled": self.shape["transit_encryption_enabled"],
            "AtRestEncryptionEnabled": self.shape["at_rest_encryption_enabled"],
            "GlobalNodeGroups": [
                {"GlobalNodeGroupId": f"{self.identifier}-{name}", "Slots": slots} for name, slots in self.slots
            ],
            "Members": [
                {
                    "ReplicationGroupId": group.replication_group_id,
                    "ReplicationGroupRegion": region,
                    "Role": self.role_in(region),
                    "AutomaticFailover": group.automatic_failover,
                    "Status": "associated",
                }
                for region, group in self.members.items()
            ],
        }


def join(datastore, group, region):
    datastore.members[region] = group
    group.global_replication_group_id = datastore.identifier


def member_role(group):
    datastore = datastores.get(group.global_replication_group_id)
    regions = [region for region, member in datastore.members.items() if member is group] if datastore else []
    return datastore.role_in(regions[0]) if regions else None


def asked_for(request):
    identifier = request._get_param("GlobalReplicationGroupId")
    if identifier not in datastores:
        raise not_found(identifier)
    return datastores[identifier]


@extends(responses.ElastiCacheResponse)
class Response:
    def create_global_replication_group(self):
        [group] = self.elasticache_backend.describe_replication_groups(self._get_param("PrimaryReplicationGroupId"))
        if member_role(group):
            raise ElastiCacheException("InvalidReplicationGroupState", "Already part of a global replication group")
        # AWS puts a prefix of its own before what it was given.
        identifier = f"ldgnf-{self._get_param('GlobalReplicationGroupIdSuffix')}"
        if identifier in datastores:
            raise ElastiCacheException("GlobalReplicationGroupAlreadyExistsFault", f"{identifier} already exists.")
        description = self._get_param("GlobalReplicationGroupDescription", "")
        datastore = Datastore(identifier, description, group, self.region, self.current_account)
        datastores[identifier] = datastore
        join(datastore, group, self.region)
        return ActionResult({"GlobalReplicationGroup": datastore.shown()})

    def describe_global_replication_groups(self):
        named = self._get_param("GlobalReplicationGroupId")
        found = [asked_for(self)] if named else list(datastores.values())
        return ActionResult({"GlobalReplicationGroups": [datastore.shown() for datastore in found]})

    def modify_global_replication_group(self):
        datastore = asked_for(self)
        datastore.description = self._get_param("GlobalReplicationGroupDescription", datastore.description)
        return ActionResult({"GlobalReplicationGroup": datastore.shown()})

    def failover_global_replication_group(self):
        datastore = asked_for(self)
        region = self._get_param("PrimaryRegion")
        group = datastore.members.get(region)
        if group is None or group.replication_group_id != self._get_param("PrimaryReplicationGroupId"):
            raise ElastiCacheException("InvalidParameterValue", f"No such member in {region}")
        if datastore.failed_over_at:
            raise wrong_state("A failover is under way")
        if datastore.role_in(region) == "PRIMARY":
            raise ElastiCacheException("InvalidParameterValue", f"{region} is primary already")
        datastore.failing_over_to = region
        datastore.failed_over_at = cache_failover.due()
        return ActionResult({"GlobalReplicationGroup": datastore.shown()})

    def disassociate_global_replication_group(self):
        datastore = asked_for(self)
        region = self._get_param("ReplicationGroupRegion")
        group = datastore.members.get(region)
        if group is None or group.replication_group_id != self._get_param("ReplicationGroupId"):
            raise ElastiCacheException("InvalidParameterValue", f"No such member in {region}")
        if datastore.role_in(region) == "PRIMARY":
            raise wrong_state("The primary replication group can not be disassociated")
        del datastore.members[region]
        group.global_replication_group_id = ""
        return ActionResult({"GlobalReplicationGroup": datastore.shown()})

    def delete_global_replication_group(self):
        datastore = asked_for(self)
        if len(datastore.members) > 1:
            raise wrong_state("Global replication group still has secondary members")
        [(region, group)] = datastore.members.items()
        group.global_replication_group_id = ""
        del datastores[datastore.identifier]
        if not self._get_bool_param("RetainPrimaryReplicationGroup"):
            backend = models.elasticache_backends[self.current_account][region]
            backend.delete_replication_group(group.replication_group_id, None)
        return ActionResult({"GlobalReplicationGroup": {**datastore.shown(), "Status": "deleting"}})
