"""S3: policies with conditions, and replication rules as they were written.

A Deny with conditions does not apply: moto evaluates no condition of a bucket policy and takes each as met, so that a bucket
that refuses plain HTTP refuses everything. What such statements refuse is not tested.

A replication rule is read as it was written: moto forgets which objects it selects, and whether deletions are copied. And it is
followed, at once: what is written after the rule is copied, what was there before is not.

A key whose last version is a deletion can be emptied of all its versions: moto breaks off.
"""

from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.models import FakeDeleteMarker, S3Backend
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


@extends(S3Backend)
class Backend:
    def put_object(self, bucket_name, key_name, value, *args, **kwargs):
        key = self.moto_put_object(bucket_name, key_name, value, *args, **kwargs)
        replication = getattr(self.get_bucket(bucket_name), "replication", None)
        for rule in (replication or {}).get("Rule", []):
            if rule["Status"] == "Enabled":
                self.moto_put_object(rule["Destination"]["Bucket"].rpartition(":")[2], key_name, value)
        return key


@extends(FakeDeleteMarker)
class DeleteMarker:
    def dispose(self):
        """Nothing is behind it."""
