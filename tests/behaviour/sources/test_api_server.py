"""The client of an API server on a bad day: every call has a deadline, every gap is said, nothing but GET is sent.

Threads: checkov#3494 (an unreachable kubeconfig hangs the scan).
"""

import socket
import ssl
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seawall.model.errors import SourceError
from seawall.model.resource import Resource, Unscanned
from seawall.sources import api_server, cluster, connections, proxies
from seawall.sources.api_server import ApiError, ApiServer
from seawall.sources.kubeconfig import ClusterAccess, Exec
from seawall.sources.proxies import parse_proxy
from tests.simulators.kubernetes_api import PODS, KubernetesApi, Reply, Request, once, serve, status, trickle
from tests.simulators.proxy import Relay
from tests.testbed.certificates import CertificateAuthority


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    with serve() as served:
        yield served


def access(url: str, **fields: Any) -> ClusterAccess:
    return ClusterAccess(context="here", place="kubeconfig", server=url, **fields)


def pods(count: int) -> list[dict[str, Any]]:
    return [{"metadata": {"name": f"pod-{number}", "namespace": "a", "uid": str(number)}} for number in range(count)]


def list_pods(api: KubernetesApi, *, seconds: float = 5.0, **fields: Any) -> list[str]:
    server = ApiServer(access(api.url, **fields), call_seconds=seconds)
    try:
        return [item["metadata"]["name"] for item in server.list_items(PODS)]
    finally:
        server.close()


def names(count: int) -> list[str]:
    return [f"pod-{number}" for number in range(count)]


def test_a_list_is_read_page_by_page(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1_203)
    assert list_pods(api) == names(1_203)
    assert [request.query for request in api.requests] == [
        {"limit": "500"},
        {"limit": "500", "continue": "500"},
        {"limit": "500", "continue": "1000"},
    ]


def test_nothing_but_reads_is_sent(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(3)
    list(cluster.read(access(api.url)))
    assert {request.method for request in api.requests} == {"GET"}


def test_a_page_that_expires_goes_on_where_the_server_says(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1_203)
    api.faults.append(once(status(410, "Expired", "the continue token is too old", **{"continue": "500"}), after=1))
    assert list_pods(api) == names(1_203)
    assert [request.query.get("continue") for request in api.requests] == [None, "500", "500", "1000"]


def test_a_page_that_expires_for_good_starts_the_list_again_and_gives_each_object_once(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1_203)
    api.faults.append(once(status(410, "Expired", "too old"), after=1))
    assert list_pods(api) == names(1_203)


def test_a_list_that_always_expires_is_an_error(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1_203)
    api.faults.append(lambda request: status(410, "Expired", "too old") if request.query.get("continue") else None)
    with pytest.raises(ApiError, match="410 Expired"):
        list_pods(api)


def test_a_page_that_is_too_large_is_asked_for_in_smaller_pieces(
    api: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_server, "MAX_BODY_BYTES", 20_000)
    api.lists[PODS] = [{**item, "data": "x" * 1_000} for item in pods(40)]
    assert list_pods(api) == names(40)
    api.lists[PODS] = [{**item, "data": "x" * 30_000} for item in pods(2)]
    with pytest.raises(SourceError, match="one object of /api/v1/pods is larger"):
        list_pods(api)


@pytest.mark.parametrize("fault", [(429, {"Retry-After": "0"}, {}), (503, {"Retry-After": "0"}, {}), (500, {}, b"")])
def test_a_server_that_is_busy_is_asked_again(api: KubernetesApi, fault: Reply) -> None:
    api.lists[PODS] = pods(2)
    api.faults.append(once(fault))
    assert list_pods(api) == names(2)


def test_a_server_that_asks_for_a_long_wait_is_not_waited_for(api: KubernetesApi) -> None:
    code, _, body = status(429, "TooManyRequests", "come back later")
    api.faults.append(lambda _request: (code, {"Retry-After": "3600"}, body))
    with pytest.raises(ApiError, match="come back later"):
        list_pods(api)


def test_checkov_3494_a_server_that_never_answers_is_given_up_in_time(api: KubernetesApi) -> None:
    api.faults.append(lambda _request: (200, {}, None))
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"did not answer within 0\.3 s"):
        list_pods(api, seconds=0.3)
    assert time.monotonic() - start < 3


def test_checkov_3494_a_server_that_trickles_is_given_up_in_time() -> None:
    # A byte now and then would reset a timeout that counts from the last one.
    with trickle() as url:
        start = time.monotonic()
        with pytest.raises(SourceError, match=r"did not answer within 0\.5 s"):
            ApiServer(access(url), call_seconds=0.5).get("/api")
        assert time.monotonic() - start < 3


def test_checkov_3494_a_server_that_does_not_shake_hands_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (api_server, connections):
        monkeypatch.setattr(module, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SourceError, match=r"cannot be reached: no answer within 0\.3 s"):
            ApiServer(access(url)).get("/api")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://127.0.0.1:1", "cannot be reached: connection refused"),
        ("https://no-such-host.invalid", "cannot be reached: its name does not resolve"),
    ],
)
def test_a_server_that_is_not_there_is_named_with_its_context(url: str, problem: str) -> None:
    with pytest.raises(SourceError) as refused:
        list(cluster.read(access(url)))
    said = str(refused.value)
    assert problem in said.lower()
    assert f"the API server {url} of context 'here'" in said
    assert "choose another context with --context" in said


@pytest.mark.parametrize("body", [b"<html>login</html>", b"", b"[1, 2"])
def test_an_answer_that_is_no_json_is_said_to_be_so(api: KubernetesApi, body: bytes) -> None:
    api.faults.append(lambda _request: (200, {}, body))
    with pytest.raises(SourceError, match="is not JSON"):
        list(cluster.read(access(api.url)))


def test_a_kept_connection_that_the_server_closed_meanwhile_is_made_anew(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1_203)
    api.faults.append(once((200, {"Connection": "close"}, {"items": pods(3), "metadata": {"continue": "500"}})))
    assert list_pods(api)[-1] == "pod-1202"


def test_an_answer_that_ends_too_soon_is_not_taken_for_a_whole_one(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(2)
    api.faults.append(lambda request: (200, {"Content-Length": "1000", "Connection": "close"}, b"{}"))
    with pytest.raises(SourceError, match="broke off the connection"):
        list_pods(api)


def test_one_connection_serves_all_calls(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(3_000)
    list_pods(api)
    assert len(api.requests) == 6
    assert api.connections == 1


def test_a_rotated_token_file_is_read_again(api: KubernetesApi, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")
    api.lists[PODS] = pods(1)

    def rotate(request: Request) -> Reply | None:
        if request.headers.get("authorization") == "Bearer new":
            return None
        token.write_text("new\n")
        return status(401, "Unauthorized", "Unauthorized")

    api.faults.append(rotate)
    assert list_pods(api, token_file=token) == ["pod-0"]


def test_a_token_with_a_line_break_is_refused_without_being_shown(api: KubernetesApi) -> None:
    with pytest.raises(SourceError) as refused:
        list_pods(api, token="secret\r\nX-Injected: yes")
    assert "secret" not in str(refused.value)
    assert api.requests == []


def plugin(script: str, **fields: Any) -> Exec:
    return Exec(
        api_version="client.authentication.k8s.io/v1",
        command=sys.executable,
        args=("-c", textwrap.dedent(script)),
        env={"FROM": "kubeconfig"},
        provide_cluster_info=True,
        install_hint=fields.pop("install_hint", ""),
        **fields,
    )


GIVE_TOKEN = """
    import json, os, sys
    info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
    assert info["spec"]["cluster"]["server"].startswith("http://127.0.0.1"), info
    assert info["spec"]["interactive"] is False and not sys.stdin.read()
    token = os.environ["FROM"] + "-token"
    print(json.dumps({"apiVersion": info["apiVersion"], "kind": "ExecCredential", "status": {"token": token}}))
"""


def test_an_exec_plugin_gives_the_token(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1)
    list_pods(api, exec=plugin(GIVE_TOKEN))
    assert {request.headers["authorization"] for request in api.requests} == {"Bearer kubeconfig-token"}


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("import sys; sys.exit('no such profile')", "ended with status 1: no such profile"),
        ("print('secret, but no JSON')", "printed no ExecCredential"),
        ('print(\'{"apiVersion": "v2", "kind": "ExecCredential"}\')', "answered v2 ExecCredential, not"),
        (
            'print(\'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}\')',
            "gave neither a token nor a client certificate",
        ),
    ],
)
def test_an_exec_plugin_that_fails_is_explained_without_its_output(
    api: KubernetesApi, script: str, problem: str
) -> None:
    with pytest.raises(SourceError) as refused:
        list_pods(api, exec=plugin(script, install_hint="install the login helper"))
    assert problem in str(refused.value)
    assert "secret" not in str(refused.value)
    assert api.requests == []


def test_an_exec_plugin_that_hangs_or_is_missing_is_given_up(
    api: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seawall.sources.credential_plugins.run_plugin.__defaults__", (0.3,))
    with pytest.raises(SourceError, match=r"did not answer in 0\.3 s"):
        list_pods(api, exec=plugin("import time; time.sleep(30)"))
    missing = Exec(
        api_version="v1", command="/no/such/helper", args=(), env={}, provide_cluster_info=False, install_hint="get it"
    )
    with pytest.raises(SourceError, match=r"cannot be run: No such file or directory \(get it\)"):
        list_pods(api, exec=missing)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def secure_api(authority: CertificateAuthority) -> Iterator[KubernetesApi]:
    pair = authority.issue_server("api")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_OPTIONAL
    with serve(context) as served:
        served.lists[PODS] = pods(1)
        yield served


def test_a_server_with_a_certificate_of_the_kubeconfigs_authority_is_trusted(
    secure_api: KubernetesApi, authority: CertificateAuthority
) -> None:
    client = authority.issue_client("me", [])
    fields = {
        "certificate_authority": authority.certificate.read_bytes(),
        "client_certificate": client.certificate.read_bytes(),
        "client_key": client.key.read_bytes(),
    }
    assert list_pods(secure_api, **fields) == ["pod-0"]


def test_a_server_with_another_certificate_is_not_trusted_unless_that_is_asked_for(
    secure_api: KubernetesApi, tmp_path: Path
) -> None:
    other = CertificateAuthority(tmp_path).certificate.read_bytes()
    with pytest.raises(SourceError, match="shows a certificate that is not trusted"):
        list_pods(secure_api, certificate_authority=other)
    assert list_pods(secure_api, insecure=True) == ["pod-0"]


def test_the_certificate_is_checked_against_the_tls_server_name(
    secure_api: KubernetesApi, authority: CertificateAuthority
) -> None:
    trusted = authority.certificate.read_bytes()
    assert list_pods(secure_api, certificate_authority=trusted, server_name="localhost") == ["pod-0"]
    with pytest.raises(SourceError, match="shows a certificate that is not trusted"):
        list_pods(secure_api, certificate_authority=trusted, server_name="elsewhere.example")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"certificate_authority": b"no PEM"}, "the certificate authority is not PEM"),
        ({"insecure": True, "client_certificate": b"no PEM", "client_key": b"x"}, "do not fit together"),
    ],
)
def test_certificates_that_cannot_be_read_are_the_kubeconfigs_fault(
    secure_api: KubernetesApi, fields: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SourceError, match=problem):
        list_pods(secure_api, **fields)


def test_a_server_before_aggregated_discovery_is_asked_version_by_version(api: KubernetesApi) -> None:
    listed = {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["list"]}
    api.lists[PODS] = pods(1)

    def old(request: Request) -> Reply | None:
        answers: dict[str, Any] = {
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {
                "kind": "APIGroupList",
                "groups": [{"name": "apps", "versions": [{"version": "v1"}, {"version": "v1beta1"}]}],
            },
            "/api/v1": {"resources": [listed, {**listed, "name": "pods/status"}]},
            "/apis/apps/v1": {"resources": [{**listed, "name": "deployments", "kind": "Deployment"}]},
            "/apis/apps/v1/deployments": {"items": []},
        }
        if request.path == "/apis/apps/v1beta1":
            return status(503, "ServiceUnavailable", "down")[0], {"Retry-After": "100"}, {}
        return (200, {}, answers[request.path]) if request.path in answers else None

    api.faults.append(old)
    found = list(cluster.read(access(api.url), ("Pod", "apps/Deployment")))
    assert [entry.ref.name for entry in found if isinstance(entry, Resource)] == ["pod-0"]
    assert [entry.path for entry in found if isinstance(entry, Unscanned)] == ["cluster/here: /apis/apps/v1beta1"]


def test_a_group_whose_server_is_down_is_unscanned_where_a_rule_asks_for_it(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1)

    def stale(request: Request) -> Reply | None:
        if request.path != "/apis":
            return None
        groups = [
            {"metadata": {"name": name}, "versions": [{"version": "v1", "freshness": "Stale"}]}
            for name in ("metrics.k8s.io", "policy")
        ]
        return 200, {}, {"kind": "APIGroupDiscoveryList", "items": groups}

    api.faults.append(stale)
    found = list(cluster.read(access(api.url), ("Pod", "policy/PodDisruptionBudget")))
    assert [entry.path for entry in found if isinstance(entry, Unscanned)] == ["cluster/here: policy/v1"]


def test_a_kind_that_fails_in_the_middle_is_unscanned_and_the_others_are_read(api: KubernetesApi) -> None:
    api.lists[PODS] = pods(1_203)
    api.lists["/api/v1/services"] = pods(1)
    api.faults.append(
        lambda request: status(403, "Forbidden", "no longer") if request.query.get("continue") == "500" else None
    )
    found = list(cluster.read(access(api.url), ("Pod", "Service")))
    kinds = [entry.ref.kind for entry in found if isinstance(entry, Resource)]
    assert (kinds.count("Pod"), kinds.count("Service")) == (500, 1)
    (gap,) = (entry for entry in found if isinstance(entry, Unscanned))
    assert gap.path == "cluster/here: pods in all namespaces"
    assert "no longer" in gap.reason


def test_a_kind_that_is_not_answered_in_time_is_unscanned_and_the_others_are_read(
    api: KubernetesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seawall.sources.api_server.ApiServer.__init__.__kwdefaults__", {"call_seconds": 0.2})
    api.lists.update({PODS: pods(1), "/api/v1/services": pods(1), "/api/v1/config-maps": pods(1)})
    api.faults.append(lambda request: (200, {}, None) if request.path == "/api/v1/config-maps" else None)
    found = list(cluster.read(access(api.url), ("Pod", "ConfigMap", "Service")))
    assert [entry.ref.kind for entry in found if isinstance(entry, Resource)] == ["Pod", "Service"]
    (gap,) = (entry for entry in found if isinstance(entry, Unscanned))
    assert gap.path == "cluster/here: config-maps"
    assert gap.reason.endswith("did not answer within 0.2 s; read less with --namespace, or try again")
    # A server that is gone is not asked for every kind in turn.
    api.faults.append(lambda request: (200, {}, None) if request.path == PODS else None)
    with pytest.raises(SourceError, match="did not answer within"):
        list(cluster.read(access(api.url), ("Pod", "ConfigMap", "Service")))


def test_secrets_are_never_asked_for_and_custom_resources_only_for_their_labels(api: KubernetesApi) -> None:
    custom = "/apis/example.com/v1/widgets"
    reports = "/apis/wgpolicyk8s.io/v1/policyreports"
    policies = "/apis/crd.projectcalico.org/v1/network-policys"
    api.lists.update({"/api/v1/secrets": pods(1), custom: pods(1), reports: pods(1), policies: pods(1)})
    found = list(cluster.read(access(api.url), ("Pod", "Secret")))
    asked = {request.path: request.headers["accept"] for request in api.requests}
    assert "/api/v1/secrets" not in asked
    assert reports not in asked
    assert "as=PartialObjectMetadataList" in asked[custom]
    assert asked[policies] == "application/json"
    assert {entry.ref.kind for entry in found if isinstance(entry, Resource)} == {"Widget", "NetworkPolicy"}


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("user", ["", "me:p%40ss@"])
def test_a_proxy_is_used_and_its_password_stays_its_own(
    secure_api: KubernetesApi, authority: CertificateAuthority, scheme: str, user: str
) -> None:
    with Relay(scheme, "p@ss" if user else "") as relay:
        proxy = parse_proxy(f"{scheme}://{user}127.0.0.1:{relay.port}")
        trusted = authority.certificate.read_bytes()
        assert list_pods(secure_api, certificate_authority=trusted, proxy=proxy) == ["pod-0"]
    assert relay.asked == [secure_api.url.removeprefix("https://")]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_that_refuses_is_named_without_its_password(secure_api: KubernetesApi, scheme: str) -> None:
    with Relay(scheme, "right") as relay:
        proxy = parse_proxy(f"{scheme}://me:wrong-secret@127.0.0.1:{relay.port}")
        with pytest.raises(SourceError) as refused:
            list_pods(secure_api, proxy=proxy)
    said = str(refused.value)
    assert f"the proxy {scheme}://127.0.0.1:{relay.port} refused" in said
    assert "wrong-secret" not in said


def test_a_proxy_that_is_silent_or_not_there_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (api_server, connections):
        monkeypatch.setattr(module, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for scheme in proxies.SCHEMES:
            proxy = parse_proxy(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}")
            with pytest.raises(SourceError, match=r"did not answer within 0\.3 s"):
                ApiServer(access("https://192.0.2.1", proxy=proxy)).get("/api")
    with pytest.raises(SourceError, match="Connection refused"):
        ApiServer(access("https://192.0.2.1", proxy=parse_proxy("127.0.0.1:1"))).get("/api")
