"""A webhook that lets everything through and keeps what it was asked: the AdmissionReviews of a real API server."""

import http.server
import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.testbed.control_plane import ControlPlane

Object = dict[str, Any]

_NAME = "seawall-recorder.testbed.invalid"


@contextmanager
def serve(plane: ControlPlane) -> Iterator[tuple[str, list[Object]]]:
    """Serve the webhook on loopback; yields its URL and the list that reviews are put into."""
    reviews: list[Object] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reviews.append(review)
            response = {"uid": review["request"]["uid"], "allowed": True}
            answer = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: Any) -> None:
            pass

    pair = plane.authority.issue_server("admission-recorder")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(pair.certificate), str(pair.key))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}/", reviews
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def record(plane: ControlPlane, user: str) -> Iterator[list[Object]]:
    """Record every admission request of `user`; reviews are complete when the request's answer is there."""
    with serve(plane) as (url, reviews):
        everything = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"], "scope": "*"}
        configuration: Object = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": _NAME},
            "webhooks": [
                {
                    "name": _NAME,
                    "clientConfig": {"url": url, "caBundle": b64encode(plane.ca.read_bytes()).decode()},
                    "rules": [everything],
                    "matchConditions": [{"name": "user", "expression": f"request.userInfo.username == '{user}'"}],
                    "failurePolicy": "Fail",
                    "sideEffects": "None",
                    "admissionReviewVersions": ["v1"],
                    "timeoutSeconds": 10,
                }
            ],
        }
        plane.client.apply(configuration)
        try:
            yield reviews
        finally:
            plane.client.delete(configuration)
