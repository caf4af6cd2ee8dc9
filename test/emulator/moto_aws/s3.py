"""S3: policies with conditions, and replication rules as they were written.

A Deny with conditions does not apply: moto evaluates no condition of a bucket policy and takes each as met, so that a bucket
that refuses plain HTTP refuses everything. What such statements refuse is not tested.

A replication rule is read as it was written: moto forgets which objects it selects, and whether deletions are copied.
"""

from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.responses import S3Response

from .extend import extends


@extends(IAMPolicyStatement)
class Statement:
    def is_action_permitted(self, *args, **kwargs):
        if self._statement["Effect"] == "Deny" and "Condition" in self._statement:
            return PermissionResult.NEUTRAL
        return self.moto_is_action_permitted(*args, **kwargs)


@extends(S3Response)
class Response:
    def serialized(self, action_result):
        result = action_result.result
        if isinstance(result, dict) and "ReplicationConfiguration" in result:
            rules = self.backend.get_bucket_replication(self.bucket_name)["Rule"]
            for rule, answer in zip(rules, result["ReplicationConfiguration"]["Rules"]):
                for name in ("SourceSelectionCriteria", "DeleteMarkerReplication"):
                    if name in rule:
                        answer[name] = rule[name]
        return self.moto_serialized(action_result)
