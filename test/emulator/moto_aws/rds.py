"""RDS: instances that are told apart, replicas that are instances of their own, promotions that happen.

In moto every instance has the same resource id, a replica is a copy of its source's record, a promotion leaves the link to the
source, and of an instance that is no replica it "succeeds". The rules are those of "Working with DB instance read replicas" and of
the pages of the actions in the Amazon RDS API Reference.
"""

import random
import string

from moto.core.responses import ActionResult
from moto.rds import models, responses
from moto.rds.exceptions import (
    DBInstanceAlreadyExists,
    DBInstanceNotFoundError,
    InvalidParameterCombination,
    RDSClientError,
)

from .extend import extends
from .pace import passed, promotion

# What a replica has of its source unless it is told otherwise.
inherited = (
    "engine",
    "engine_version",
    "db_instance_class",
    "allocated_storage",
    "max_allocated_storage",
    "storage_type",
    "storage_encrypted",
    "license_model",
    "auto_minor_version_upgrade",
    "port",
    "master_username",
    "db_name",
)


def wrong_state(message):
    return RDSClientError("InvalidDBInstanceState", message)


@extends(models.DBInstance)
class Instance:
    def __init__(self, backend, **kwargs):
        self.promoted_at = None
        self.enable_performance_insights = kwargs.get("enable_performance_insights", False)
        self.performance_insights_kms_key_id = kwargs.get("performance_insights_kms_key_id")
        self.performance_insights_retention_period = kwargs.get("performance_insights_retention_period")
        self.monitoring_interval = kwargs.get("monitoring_interval", 0)
        self.monitoring_role_arn = kwargs.get("monitoring_role_arn")
        self.moto_init(backend, **kwargs)
        self.dbi_resource_id = "db-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=26))

    @property
    def performance_insights_enabled(self):
        return self.enable_performance_insights

    def remove_replica(self, replica):
        self.replicas = [
            known for known in self.replicas if known not in (replica.db_instance_identifier, replica.arn)
        ]

    def detach(self):
        self.is_replica = False
        self.source_db_instance_identifier = None

    def settle(self):
        """Ends a promotion whose time is over."""
        if not passed(self.promoted_at):
            return
        self.promoted_at = None
        self.status = "available"
        if promotion.fails:
            return
        source = self.backend.source_of(self)
        if source:
            source.remove_replica(self)
        self.detach()


@extends(models.RDSBackend)
class Backend:
    def source_of(self, replica):
        try:
            return self.find_db_from_id(replica.source_db_instance_identifier)
        except DBInstanceNotFoundError:
            return None

    def describe_db_instances(self, db_instance_identifier=None, filters=None):
        for database in self.databases.values():
            database.settle()
        return self.moto_describe_db_instances(db_instance_identifier, filters)

    def create_db_instance_read_replica(self, db_kwargs):
        identifier = db_kwargs["db_instance_identifier"]
        source = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
        same_region = source.region == self.region_name
        if identifier in self.databases:
            raise DBInstanceAlreadyExists()
        if int(source.backup_retention_period) == 0:
            raise wrong_state(
                f"Automated backups are not enabled for this database instance: {source.db_instance_identifier}"
            )
        if source.storage_encrypted and not same_region and not db_kwargs.get("kms_key_id"):
            raise InvalidParameterCombination(
                "A cross-region read replica of an encrypted DB instance needs a KMS key of its own region"
            )
        settings = {name: getattr(source, name) for name in inherited} | {"backup_retention_period": 0}
        if same_region:
            subnets = getattr(source, "db_subnet_group", None)
            settings |= {
                "kms_key_id": source.kms_key_id,
                "db_subnet_group_name": subnets.name if subnets else None,
            }
        replica = models.DBInstance(self, **{**settings, **db_kwargs})
        replica.is_replica = True
        replica.source_db_instance_identifier = source.db_instance_identifier if same_region else source.arn
        self.databases[identifier] = replica
        source.add_replica(replica)
        return replica

    def promote_read_replica(self, db_kwargs):
        replica = self.describe_db_instances(db_kwargs.pop("db_instance_identifier"))[0]
        if not replica.is_replica:
            raise wrong_state(f"DB Instance is not a read replica: {replica.db_instance_identifier}")
        if replica.status != "available":
            raise wrong_state(f"DB Instance is not in available state: {replica.db_instance_identifier}")
        replica.update(**db_kwargs)
        replica.status = "modifying"
        replica.promoted_at = promotion.due()
        return replica

    def delete_db_instance(
        self,
        db_instance_identifier,
        final_db_snapshot_identifier=None,
        skip_final_snapshot=False,
        delete_automated_backups=True,
    ):
        database = self.describe_db_instances(db_instance_identifier)[0]
        if database.is_replica and final_db_snapshot_identifier:
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance"
            )
        if not database.is_replica and not skip_final_snapshot and not final_db_snapshot_identifier:
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
            )
        if not database.deletion_protection:
            if database.is_replica:
                source = self.source_of(database)
                if source:
                    source.remove_replica(database)
                database.detach()
            # Replicas in the same region become instances of their own.
            for name in database.replicas:
                if name in self.databases:
                    self.databases[name].detach()
        return self.moto_delete_db_instance(
            db_instance_identifier, final_db_snapshot_identifier, skip_final_snapshot, delete_automated_backups
        )


@extends(responses.RDSResponse)
class Response:
    def describe_db_parameters(self):
        """Everything that moto keeps was set by somebody, and the provider drops what does not say so."""
        answer = self.moto_describe_db_parameters().result
        return ActionResult({"Parameters": [{**parameter, "Source": "user"} for parameter in answer["Parameters"]]})
