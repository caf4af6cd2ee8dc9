"""EKS: who may use a cluster, its add-ons, its pods' identities, and the security group that comes with it.

moto has clusters and node groups, and forgets what it does not know of them. Sources: the pages of the actions in the Amazon EKS
API Reference.
"""

import json
import uuid

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.eks import models, responses, urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException

from .extend import extends

for path in ("addons", "access-entries", "pod-identity-associations"):
    urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{path}$"] = urls.response.dispatch
    urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{path}/(?P<rest>.+)$"] = urls.response.dispatch


@extends(models.Cluster)
class Cluster:
    def __init__(self, **given):
        self.moto_init(**given)
        self.addons = {}
        self.access_entries = {}
        self.associations = {}
        ec2 = ec2_backends[given["account_id"]][given["region_name"]]
        subnet = ec2.get_subnet(self.resources_vpc_config["subnetIds"][0])
        group = ec2.create_security_group(
            f"eks-cluster-sg-{self.name}", "EKS created security group", subnet.vpc_id, {"aws:eks:cluster-name": self.name}
        )
        self.resources_vpc_config |= {"clusterSecurityGroupId": group.id, "vpcId": subnet.vpc_id}


@extends(models.EKSBackend)
class Backend:
    def delete_cluster(self, name):
        cluster = self.moto_delete_cluster(name)
        group = cluster.resources_vpc_config["clusterSecurityGroupId"]
        ec2_backends[self.account_id][self.region_name].delete_security_group(group_id=group)
        return cluster


def take(kept, key, what):
    if key not in kept:
        raise ResourceNotFoundException(message=f"No {what} found: {key}")
    return kept[key]


def put(kept, key, what, value):
    if key in kept:
        raise ResourceInUseException(message=f"{what} already exists: {key}")
    kept[key] = value
    return value


@extends(responses.EKSResponse)
class Response:
    @property
    def asked(self):
        return json.loads(self.body or "{}")

    @property
    def cluster(self):
        return self.eks_backend.describe_cluster(self._get_param("name"))

    def arn(self, kind, *more):
        return f"arn:aws:eks:{self.region}:{self.current_account}:{'/'.join((kind, self.cluster.name, *more))}"

    def create_cluster(self):
        answer = self.moto_create_cluster()
        cluster = answer.result["cluster"]
        cluster.access_config = self.asked.get("accessConfig")
        cluster.upgrade_policy = self.asked.get("upgradePolicy", {"supportType": "EXTENDED"})
        return answer

    def create_nodegroup(self):
        answer = self.moto_create_nodegroup()
        nodes = answer.result["nodegroup"]
        nodes.update_config = self.asked.get("updateConfig")
        nodes.remote_access = self.asked.get("remoteAccess")
        return answer

    def create_addon(self):
        asked = self.asked
        identities = [self.associate({"namespace": "kube-system", **one}) for one in asked.get("podIdentityAssociations", [])]
        addon = {
            **asked,
            "clusterName": self.cluster.name,
            "addonArn": self.arn("addon", asked["addonName"], str(uuid.uuid4())),
            "status": "ACTIVE",
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
            "podIdentityAssociations": [identity["associationArn"] for identity in identities],
        }
        return ActionResult({"addon": put(self.cluster.addons, asked["addonName"], "Addon", addon)})

    def describe_addon(self):
        return ActionResult({"addon": take(self.cluster.addons, self._get_param("addonName"), "addon")})

    def delete_addon(self):
        name = self._get_param("addonName")
        addon = take(self.cluster.addons, name, "addon")
        for arn in addon["podIdentityAssociations"]:
            self.cluster.associations.pop(arn.rpartition("/")[2], None)
        return ActionResult({"addon": self.cluster.addons.pop(name)})

    def create_access_entry(self):
        asked = self.asked
        entry = {
            "kubernetesGroups": [],
            "username": asked["principalArn"],
            "type": "STANDARD",
            "tags": {},
            **asked,
            "clusterName": self.cluster.name,
            "accessEntryArn": self.arn("access-entry", str(uuid.uuid4())),
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
            "policies": {},
        }
        return ActionResult({"accessEntry": put(self.cluster.access_entries, asked["principalArn"], "Access entry", entry)})

    @property
    def entry(self):
        return take(self.cluster.access_entries, self._get_param("principalArn"), "access entry")

    def describe_access_entry(self):
        return ActionResult({"accessEntry": self.entry})

    def delete_access_entry(self):
        del self.cluster.access_entries[self.entry["principalArn"]]
        return ActionResult({})

    def associate_access_policy(self):
        policy = {**self.asked, "associatedAt": utcnow(), "modifiedAt": utcnow()}
        self.entry["policies"][policy["policyArn"]] = policy
        return ActionResult({"associatedAccessPolicy": policy, "principalArn": self.entry["principalArn"]})

    def list_associated_access_policies(self):
        policies = list(self.entry["policies"].values())
        return ActionResult({"associatedAccessPolicies": policies, "principalArn": self.entry["principalArn"]})

    def disassociate_access_policy(self):
        take(self.entry["policies"], self._get_param("policyArn"), "associated policy")
        del self.entry["policies"][self._get_param("policyArn")]
        return ActionResult({})

    def associate(self, asked):
        identifier = f"a-{uuid.uuid4().hex[:17]}"
        association = {
            "tags": {},
            **asked,
            "clusterName": self.cluster.name,
            "associationId": identifier,
            "associationArn": self.arn("podidentityassociation", identifier),
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
        }
        return put(self.cluster.associations, identifier, "Association", association)

    def create_pod_identity_association(self):
        return ActionResult({"association": self.associate(self.asked)})

    @property
    def association(self):
        return take(self.cluster.associations, self._get_param("associationId"), "pod identity association")

    def describe_pod_identity_association(self):
        return ActionResult({"association": self.association})

    def delete_pod_identity_association(self):
        return ActionResult({"association": self.cluster.associations.pop(self.association["associationId"])})
