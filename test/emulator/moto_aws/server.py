"""moto behind a door that counts who comes in, loses them on request, and answers tests at /tandem/."""

import json
import os
import threading
import time
from contextlib import contextmanager
from urllib.parse import parse_qs

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from .faults import SILENCE, Fault, Faults, drop, error
from .inventory import inventory
from .pace import paces
from .requests import Request

account = os.environ["MOTO_ACCOUNT_ID"]


class Handler(WSGIRequestHandler):
    """Sends an answer's head and body together, as AWS does: Go's SDK, on a busy machine, sometimes hangs up between the two and asks again."""

    wbufsize = -1


class Door:
    """The WSGI application: tests' own requests, then faults, then moto. Each of AWS's requests is written down."""

    def __init__(self, host):
        self.host = host
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.faults = Faults()
        self.calls = []
        self.busy = 0
        self.changed = threading.Condition()
        self.server = None

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path.startswith("/tandem/"):
            return self.answer_test(path.removeprefix("/tandem/"), environ, start_response)
        with self.changed:
            self.busy += 1
        try:
            return self.answer_client(Request(environ), environ, start_response)
        finally:
            with self.changed:
                self.busy -= 1
                self.changed.notify_all()

    def answer_client(self, request, environ, start_response):
        call = {
            "at": time.time(),
            "region": request.region,
            "service": request.service,
            "action": request.action,
            "status": None,
        }
        if request.service:
            self.calls.append(call)
        fault = self.faults.meet(request)
        if fault and fault.answer == "drop":
            drop(environ, fault.seconds)
        if fault and fault.answer == "silence":
            drop(environ, SILENCE)
        if fault and fault.answer == "error":
            call["status"] = fault.status
            return error(request, fault, start_response)
        stale = self.faults.stale(request) if fault and fault.answer == "stale" else None
        if stale:
            status, headers, body = stale
        else:
            status, headers, body = self.ask_moto(environ)
            self.faults.remember(request, (status, headers, body))
        call["status"] = int(status.split()[0])
        start_response(status, headers)
        return body

    def ask_moto(self, environ):
        answer = []
        body = self.moto(environ, lambda status, headers, *_: answer.extend((status, headers)))
        return (*answer, list(body))

    def answer_test(self, name, environ, start_response):
        method = environ["REQUEST_METHOD"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        given = json.loads(environ["wsgi.input"].read(length)) if length else {}
        query = {key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        handler = getattr(self, f"{method.lower()}_{name}", None)
        found = handler is not None
        answer = handler(environ, **given, **query) if found else {"unknown": name}
        start_response("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def get_ready(self, _):
        return True

    def get_calls(self, _):
        return self.calls

    def delete_calls(self, _):
        self.calls.clear()

    def post_faults(self, _, **fault):
        self.faults.faults.append(Fault(**fault))

    def delete_faults(self, _):
        self.faults.faults.clear()

    def put_dark(self, _, regions):
        self.faults.dark = set(regions)

    def put_paces(self, _, **given):
        for name, pace in given.items():
            paces[name].seconds, paces[name].fails = pace["seconds"], pace["fails"]

    def get_health(self, _):
        backend = get_backend("route53")[account]["aws"]
        return {identifier: backend.healthy(identifier) for identifier in backend.health_checks}

    def put_health(self, _, id, reachable):
        get_backend("route53")[account]["aws"].get_health_check(id).reachable = reachable

    def get_dns(self, _, name):
        return get_backend("route53")[account]["aws"].answer(name)

    def get_inventory(self, _):
        return inventory(account)

    @contextmanager
    def quiet(self):
        """Waits until nobody is served, and keeps everybody waiting for as long as it lasts."""
        with self.changed:
            self.changed.wait_for(lambda: self.busy == 0, timeout=30)
            yield

    def post_fork(self, environ):
        """A second AWS with a copy of all that this one has, in a process of its own, at a port of its own."""
        with self.quiet():
            heard, said = os.pipe()
            child = os.fork()
        if child:
            os.close(said)
            with os.fdopen(heard) as pipe:
                return {"port": int(pipe.read()), "pid": child}
        # Here is the copy, with this thread alone: it leaves the door and the caller to the original.
        os.close(heard)
        self.server.socket.close()
        environ["werkzeug.socket"].detach()
        self.changed = threading.Condition()
        self.listen(0)
        os.write(said, str(self.server.port).encode())
        os.close(said)
        self.serve()
        os._exit(0)

    def listen(self, port):
        self.server = make_server(self.host, port, self, threaded=True, request_handler=Handler)

    def serve(self):
        """Until nobody is left who started this: a test that died can't end it."""
        threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
        self.server.serve_forever()


def end_with(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
