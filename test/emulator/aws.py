"""moto_server, corrected in two places where it contradicts AWS.

A Deny with conditions does not apply: moto evaluates no condition of a bucket policy and takes each as met, so that a bucket
that refuses plain HTTP refuses everything. What such statements refuse is not tested.

A replication rule is read as it was written: moto forgets which objects it selects.
"""

import sys

from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.responses import S3Response
from moto.server import main

unconditional = IAMPolicyStatement.is_action_permitted
written = S3Response.serialized


def is_action_permitted(self, *args, **kwargs):
    if self._statement["Effect"] == "Deny" and "Condition" in self._statement:
        return PermissionResult.NEUTRAL
    return unconditional(self, *args, **kwargs)


def serialized(self, result):
    if isinstance(result.result, dict) and "ReplicationConfiguration" in result.result:
        rules = self.backend.get_bucket_replication(self.bucket_name)["Rule"]
        for rule, answer in zip(rules, result.result["ReplicationConfiguration"]["Rules"]):
            answer["SourceSelectionCriteria"] = rule["SourceSelectionCriteria"]
    return written(self, result)


IAMPolicyStatement.is_action_permitted = is_action_permitted
S3Response.serialized = serialized

main(sys.argv[1:])
