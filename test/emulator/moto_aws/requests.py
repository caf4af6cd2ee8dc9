"""What a request asks for, read from what every AWS request carries."""

import io
import re
from urllib.parse import parse_qs

from moto.core.utils import get_service_model

# "AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …"
scope = re.compile(r"Credential=[^/]*/\d+/([^/]+)/([^/]+)/aws4_request")
templates = {}


class Request:
    """Region and service by the signature, the action by the protocol; each empty when it does not say."""

    def __init__(self, environ):
        signed = scope.search(environ.get("HTTP_AUTHORIZATION", ""))
        self.region, self.service = signed.groups() if signed else ("", "")
        self.method = environ["REQUEST_METHOD"]
        self.path = environ.get("PATH_INFO", "")
        self.content_type = environ.get("CONTENT_TYPE", "")
        self.body = b""
        self.target = environ.get("HTTP_X_AMZ_TARGET", "")
        if self.service and self.service != "s3":
            self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(self.body)
        self.action = self.find_action()

    def find_action(self):
        if self.target:
            return self.target.rpartition(".")[2]
        if self.content_type.startswith("application/x-www-form-urlencoded"):
            return parse_qs(self.body.decode()).get("Action", [""])[0]
        if "/operation/" in self.path:
            return self.path.rpartition("/")[2]
        return self.by_path() or f"{self.method} {self.path}"

    def by_path(self):
        """The REST protocols name an action by method and path. S3's paths are too much alike for that."""
        if self.service in ("", "s3"):
            return None
        matching = [name for method, path, name in patterns(self.service) if method == self.method and path.match(self.path)]
        return matching[0] if matching else None

    @property
    def speaks_json(self):
        return bool(self.target) or "json" in self.content_type or self.service in ("eks", "lambda")


def patterns(service):
    if service not in templates:
        try:
            model = get_service_model(service)
        except Exception:  # botocore names some services otherwise than they sign: those go by method and path
            model = None
        names = model.operation_names if model else []
        templates[service] = [pattern(name, model.operation_model(name).http) for name in names]
    return templates[service]


def pattern(name, http):
    path = http.get("requestUri", "/").partition("?")[0].rstrip("/")
    parts = [".+" if part.endswith("+}") else "[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")]
    return http.get("method"), re.compile("/".join(parts) + "/?$"), name
