"""Kubeconfig files mean what kubectl takes them to mean; what cannot be used says so, with the file and the way out."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from seawall.model.errors import SeawallError, SourceError, UsageError
from seawall.sources import kubeconfig
from seawall.sources.kubeconfig import ClusterAccess, load
from seawall.sources.proxies import ProxyError, parse_proxy, proxy_of_environment

CLUSTER = {"server": "https://one.example:6443"}


def config(
    *, cluster: Mapping[str, Any] = CLUSTER, user: Mapping[str, Any] | None = None, name: str = "one", **top: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": dict(cluster)}],
        "users": [{"name": name, "user": dict(user or {"token": f"token-{name}"})}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
        **top,
    }


def write(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else msgspec.json.encode(value))
    return path


def load_one(tmp_path: Path, **fields: Any) -> ClusterAccess:
    return load(path=str(write(tmp_path / "config", config(**fields))), environment={})


def refused(tmp_path: Path, value: object, context: str = "") -> SeawallError:
    file = write(tmp_path / "config", value)
    with pytest.raises(SeawallError) as error:
        load(context, str(file), {})
    return error.value


def test_the_current_context_is_used_unless_another_is_named(tmp_path: Path) -> None:
    two = {"cluster": "one", "user": "one", "namespace": "shop"}
    contexts = [{"name": "one", "context": {"cluster": "one", "user": "one"}}, {"name": "two", "context": two}]
    file = write(tmp_path / "config", config(contexts=contexts))
    assert load(path=str(file), environment={}).context == "one"
    named = load("two", str(file), {})
    assert (named.context, named.namespace, named.token) == ("two", "shop", "token-one")


def test_the_files_of_kubeconfig_are_merged_and_the_first_to_set_a_value_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "a/config", config(name="one", user={"token": "first"}))
    second = config(name="one", user={"token": "second"}, cluster={"server": "https://other.example"})
    second["contexts"].append({"name": "two", "context": {"cluster": "two", "user": "one"}})
    second["clusters"].append(
        {"name": "two", "cluster": {"server": "https://two.example", "certificate-authority": "ca"}}
    )
    write(tmp_path / "b/config", second | {"current-context": "two"})
    write(tmp_path / "b/ca", b"PEM")
    environment = {"KUBECONFIG": f"{first}:{tmp_path}/gone::{tmp_path}/b/config"}
    one, two = load(environment=environment), load("two", environment=environment)
    assert (one.context, one.server, one.token) == ("one", "https://one.example:6443", "first")
    assert (two.server, two.token, two.certificate_authority) == ("https://two.example", "first", b"PEM")


def test_the_home_directorys_file_is_the_usual_place(tmp_path: Path) -> None:
    write(tmp_path / ".kube/config", config())
    assert load(environment={"HOME": str(tmp_path)}).server == "https://one.example:6443"


def test_paths_are_relative_to_their_file_and_data_goes_first(tmp_path: Path) -> None:
    for name in ("ca.crt", "client.crt", "client.key"):
        write(tmp_path / "certificates" / name, name.encode())
    found = load_one(
        tmp_path,
        cluster={**CLUSTER, "certificate-authority": "certificates/ca.crt"},
        user={
            "client-certificate": "certificates/client.crt",
            "client-key": "certificates/client.key",
            "client-key-data": base64.b64encode(b"inline").decode(),
            "tokenFile": "certificates/token",
            "token": "not this one",
        },
    )
    assert found.certificate_authority == b"ca.crt"
    assert (found.client_certificate, found.client_key) == (b"client.crt", b"inline")
    assert (found.token, found.token_file) == ("", tmp_path / "certificates/token")


def test_an_exec_plugin_is_taken_as_it_stands_and_a_relative_path_is_relative_to_the_file(tmp_path: Path) -> None:
    entry = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "./bin/login",
        "args": ["get", 1],
        "env": [{"name": "PROFILE", "value": "dev"}],
        "provideClusterInfo": True,
        "interactiveMode": "IfAvailable",
        "installHint": "get it\n",
    }
    found = load_one(tmp_path, user={"exec": entry}).exec
    assert found is not None
    assert found.command == str(tmp_path / "bin/login")
    assert (found.args, dict(found.env), found.install_hint) == (("get", "1"), {"PROFILE": "dev"}, "get it")
    bare = load_one(tmp_path, user={"exec": {**entry, "command": "aws"}}).exec
    assert bare is not None
    assert bare.command == "aws"


def test_impersonation_is_read_whole(tmp_path: Path) -> None:
    user = {"token": "x", "as": "jane", "as-uid": "1", "as-groups": ["dev", "ops"], "as-user-extra": {"scopes": ["a"]}}
    assert load_one(tmp_path, user=user).impersonate == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "1"),
        ("Impersonate-Group", "dev"),
        ("Impersonate-Group", "ops"),
        ("Impersonate-Extra-scopes", "a"),
    )


def test_what_is_unsafe_is_said(tmp_path: Path) -> None:
    found = load_one(tmp_path, cluster={**CLUSTER, "insecure-skip-tls-verify": True, "tls-server-name": "inner"})
    assert (found.insecure, found.server_name) == (True, "inner")
    assert "anyone on the way can read and change the answers" in found.warnings[0]
    plain = load_one(tmp_path, cluster={"server": "http://one.example"})
    assert plain.warnings == ("context 'one' talks to its server without TLS",)


def test_in_a_pod_the_service_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "SERVICE_ACCOUNT", tmp_path)
    environment = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443", "HOME": "/nowhere"}
    with pytest.raises(SourceError, match="service account cannot be read"):
        load(environment=environment)
    write(tmp_path / "ca.crt", b"PEM")
    write(tmp_path / "namespace", b"shop\n")
    found = load(environment=environment)
    assert (found.server, found.namespace) == ("https://[fd00::1]:443", "shop")
    assert found.token_file == tmp_path / "token"


def test_no_kubeconfig_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no kubeconfig was found"):
        load(environment={"HOME": str(tmp_path)})
    with pytest.raises(UsageError, match="does not exist"):
        load(path=str(tmp_path / "gone"), environment={})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"clusters: [\n", "config:"),
        (b"- a\n", "is not a kubeconfig"),
        (b"\xff\xfe\xff", "config"),
        ({"clusters": [{"cluster": {}}]}, "an entry of clusters has no name"),
        (config(clusters=[]), "names the cluster 'one', which is not defined"),
        (config(users=[]), "names the user 'one', which is not defined"),
        (config(contexts=[]), "context 'one' does not exist"),
        (config() | {"current-context": ""}, "no current context is set"),
        (config(cluster={}), "no usable server"),
        (config(cluster={"server": "one.example"}), "no usable server"),
        (config(cluster={**CLUSTER, "certificate-authority-data": "%"}), "certificate-authority-data is not base64"),
        (config(cluster={**CLUSTER, "certificate-authority": "gone.crt"}), "gone.crt cannot be read"),
        (config(cluster={**CLUSTER, "proxy-url": "ftp://proxy"}), "a proxy of the kind ftp:// is not supported"),
        (config(user={"auth-provider": {"name": "gcp"}}), "removed in 1.26"),
        (config(user={"exec": {"command": "x"}}), "speaks no version"),
        (config(user={"exec": {"apiVersion": "client.authentication.k8s.io/v1"}}), "has no command"),
        (
            config(
                user={
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1",
                        "command": "x",
                        "interactiveMode": "Always",
                    }
                }
            ),
            "needs a person at the terminal",
        ),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_says_why_and_where(tmp_path: Path, value: object, said: str) -> None:
    error = refused(tmp_path, value)
    assert said in str(error)
    assert str(tmp_path / "config") in error.place


def test_an_unknown_context_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    error = refused(tmp_path, config(), "two")
    assert str(error).endswith("context 'two' does not exist (contexts here: one)")


def test_the_proxy_is_the_kubeconfigs_and_else_the_environments(tmp_path: Path) -> None:
    environment = {"HTTPS_PROXY": "http://corporate.example:3128", "NO_PROXY": ".internal"}
    for cluster, shown in (
        (CLUSTER, "http://corporate.example:3128"),
        ({**CLUSTER, "proxy-url": "socks5://u:secret@bastion.example"}, "socks5://bastion.example:1080"),
        ({"server": "https://api.internal"}, None),
    ):
        found = load(path=str(write(tmp_path / "config", config(cluster=cluster))), environment=environment)
        assert (found.proxy.shown if found.proxy else None) == shown


@pytest.mark.parametrize(
    ("host", "excluded", "direct"),
    [
        ("api.example", "", False),
        ("localhost", "", True),
        ("127.0.0.1:6443", "", True),
        ("[::1]", "", True),
        ("api.example", "*", True),
        ("api.example", "other, api.example", True),
        ("api.example", "example", True),
        ("api.example", ".example", True),
        ("api.example", "*.example", True),
        ("example", ".example", False),
        ("api.example", "xample", False),
        ("api.example:6443", "api.example:443", False),
        ("api.example:6443", "api.example:6443", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("11.1.2.3", "10.0.0.0/8,nonsense/99", False),
        ("[fd00::1]", "fd00::/8", True),
    ],
)
def test_no_proxy_means_what_go_takes_it_to_mean(host: str, excluded: str, direct: bool) -> None:
    environment = {"HTTPS_PROXY": "http://proxy", "NO_PROXY": excluded}
    assert (proxy_of_environment(f"https://{host}", environment) == "") is direct


@pytest.mark.parametrize("url", ["http://", "ftp://x", "http://x:port", "https://x"])
def test_a_proxy_that_cannot_be_spoken_to_is_refused(url: str) -> None:
    with pytest.raises(ProxyError):
        parse_proxy(url)
