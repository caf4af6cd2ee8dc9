"""Secrets Manager: each copy of a secret has the key of its own region; moto gives all of them the default one."""

from moto.secretsmanager import models

from .extend import extends


@extends(models.FakeSecret)
class Secret:
    def create_replicas(self, replica_regions, force_overwrite):
        replicas = self.moto_create_replicas(replica_regions, force_overwrite)
        for replica, asked in zip(replicas, replica_regions):
            replica.config["KmsKeyId"] = asked.get("KmsKeyId", replica.config["KmsKeyId"])
        return replicas
