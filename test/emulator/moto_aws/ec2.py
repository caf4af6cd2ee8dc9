"""EC2: rules and launch templates as they were written.

moto keeps the description of a security group's rule on another group and does not tell it, and counts a launch template's own
tags among those of what it launches.
"""

from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupRule

from .extend import extends


@extends(SecurityGroupRule)
class Rule:
    @property
    def description(self):
        return self.ip_range.get("Description") or self.source_group.get("Description")


@extends(LaunchTemplate)
class Template:
    def create_version(self, data, description):
        tags = [tags for tags in data.get("TagSpecifications", []) if tags["ResourceType"] != "launch-template"]
        return self.moto_create_version({**data, "TagSpecifications": tags}, description)
