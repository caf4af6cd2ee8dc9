"""What goes wrong between a client and AWS: errors, silence, stale answers, and regions that can not be reached."""

import socket
import time

# How long silence lasts, in seconds, before the connection is dropped: longer than any client's patience here.
SILENCE = 120


class Fault:
    """For the next `times` requests that match; an empty region, service or action matches any."""

    def __init__(self, answer, region="", service="", action="", times=1, code="", status=500, seconds=0.0):
        self.answer = answer
        self.wanted = {"region": region, "service": service, "action": action}
        self.times = times
        self.code = code
        self.status = status
        self.seconds = seconds

    def matches(self, request):
        return self.times > 0 and all(
            wanted in ("", getattr(request, name)) for name, wanted in self.wanted.items()
        )


class Faults:
    def __init__(self):
        self.dark = set()
        self.faults = []
        # What reads were answered last, for stale answers.
        self.answers = {}

    def meet(self, request):
        """The fault that this request meets, or None."""
        if request.region in self.dark:
            return Fault("drop")
        for fault in self.faults:
            if fault.matches(request):
                fault.times -= 1
                return fault
        return None

    def remember(self, request, answer):
        if reads(request):
            self.answers[key_of(request)] = answer

    def stale(self, request):
        return self.answers.get(key_of(request))


def reads(request):
    return request.service != "s3" and request.action.startswith(("Describe", "Get", "List"))


def key_of(request):
    return (request.region, request.service, request.action, request.path, request.body)


def drop(environ, seconds):
    """Ends a connection without an answer."""
    time.sleep(seconds)
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def error(request, fault, start_response):
    """An error in the words of the request's protocol."""
    time.sleep(fault.seconds)
    message = "injected by a test"
    if request.speaks_json:
        body = f'{{"__type": "{fault.code}", "message": "{message}"}}'
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", fault.code)]
    elif request.service == "ec2":
        body = f"<Response><Errors><Error><Code>{fault.code}</Code><Message>{message}</Message></Error></Errors></Response>"
        headers = [("Content-Type", "text/xml")]
    else:
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{fault.code}</Code><Message>{message}</Message></Error>"
            "<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
        )
        headers = [("Content-Type", "text/xml")]
    start_response(f"{fault.status} Injected", headers)
    return [body.encode()]
