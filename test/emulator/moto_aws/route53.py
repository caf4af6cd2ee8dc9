"""Route 53: private zones, health checks that have a status, those on a CloudWatch metric, and the answer that follows.

In moto every check says "Success". Here an endpoint has the status that a test gave it, and the others follow from it by "How
Amazon Route 53 determines whether a health check is healthy" and "How Amazon Route 53 chooses records when health checking is
configured", Amazon Route 53 Developer Guide.
"""

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.route53 import models, responses

from .extend import extends


@extends(models.HealthCheck)
class HealthCheck:
    def __init__(self, *args):
        self.moto_init(*args)
        # Of what an endpoint's checkers see; set by a test.
        self.reachable = True
        self.alarm = None
        self.without_data = None

    @property
    def health_check_config(self):
        config = self.moto_health_check_config
        if self.type_ in ("CALCULATED", "CLOUDWATCH_METRIC"):
            for name in ("Port", "RequestInterval", "FailureThreshold", "MeasureLatency"):
                config.pop(name, None)
        if self.alarm:
            config |= {"AlarmIdentifier": self.alarm, "InsufficientDataHealthStatus": self.without_data}
        return config


@extends(models.Route53Backend)
class Backend:
    def healthy(self, identifier):
        check = self.get_health_check(identifier)
        return (check.disabled or self.monitored(check)) != check.inverted

    def monitored(self, check):
        if check.type_ == "CALCULATED":
            return sum(map(self.healthy, check.children or [])) >= check.health_threshold
        if check.type_ == "CLOUDWATCH_METRIC":
            return not self.breaching(check)
        return check.reachable

    def breaching(self, check):
        """By the metric's data and not by the alarm's state; without data it stays what it was, at first healthy."""
        backend = cloudwatch_backends[self.account_id][check.alarm["Region"]]
        alarm = backend.alarms.get(check.alarm["Name"])
        if alarm is None:
            return False
        data = [
            datum
            for datum in backend.metric_data
            if (datum.namespace, datum.name) == (alarm.namespace, alarm.metric_name)
            and same_dimensions(datum.dimensions, alarm.dimensions)
        ]
        if not data:
            return False
        newest = max(datum.timestamp for datum in data).timestamp() // int(alarm.period)
        values = [d.value for d in data if d.timestamp.timestamp() // int(alarm.period) == newest]
        return max(values) >= float(alarm.threshold)

    def answer(self, name):
        """What a CNAME with failover or latency routing points at; the first by name where several would do."""
        records = [
            record
            for zone in self.zones.values()
            for record in zone.rrsets
            if record.name.rstrip(".") == name.rstrip(".") and record.type == "CNAME"
        ]
        records.sort(key=lambda record: (record.failover == "SECONDARY", record.set_identifier or ""))
        healthy = [r for r in records if not r.health_check_id or self.healthy(r.health_check_id)]
        chosen = (healthy or records)[:1]
        return [value for record in chosen for value in record.records]


def same_dimensions(some, others):
    return {(d.name, d.value) for d in some} == {(d.name, d.value) for d in others}


@extends(responses.Route53)
class Response:
    def create_hosted_zone(self):
        """A zone with a VPC is private without saying so."""
        answer = self.moto_create_hosted_zone()
        zone = answer.result["HostedZone"]
        vpc = self._get_param("VPC.VPCId")
        if vpc and not zone.private_zone:
            zone.private_zone = True
            zone.add_vpc(vpc, self._get_param("VPC.VPCRegion"))
            answer.result["DelegationSet"] = None
        return answer

    def create_health_check(self):
        answer = self.moto_create_health_check()
        config = self._get_param("HealthCheckConfig")
        check = answer.result["HealthCheck"]
        check.alarm = config.get("AlarmIdentifier")
        check.without_data = config.get("InsufficientDataHealthStatus")
        return answer

    def get_health_check_status(self):
        identifier = self._get_param("HealthCheckId")
        says = "Success: OK" if self.backend.healthy(identifier) else "Failure: unhealthy"
        report = {"Status": says, "CheckedTime": utcnow()}
        observation = {"Region": "us-east-1", "IPAddress": "192.0.2.1", "StatusReport": report}
        return ActionResult({"HealthCheckObservations": [observation]})
