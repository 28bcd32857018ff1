"""Which API server to talk to, and as whom: kubeconfig files and the in-cluster service account, as kubectl reads them.

Files are found in kubectl's order: the path that was asked for; the files of ``KUBECONFIG``; ``~/.kube/config``; and, where
none of them exists, the service account of the pod that we run in. In a list of files the first to set a value wins
(https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/). Relative paths are relative to the
file that names them. Proxies are the kubeconfig's or the environment's (`seawall.sources.proxies`). Refused, each with a
`SourceError` that says so: legacy auth providers, and exec plugins that want to talk to a person. Nothing is executed here;
`seawall.sources.credential_plugins` does that on first use.
"""

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.model.errors import SourceError, UsageError
from seawall.sources.proxies import Proxy, ProxyError, parse_proxy, proxy_of_environment

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

# A kubeconfig with hundreds of clusters stays far below this; the limit keeps a mistaken path from filling the memory.
MAX_KUBECONFIG_BYTES = 8 << 20


class Exec(msgspec.Struct, frozen=True, kw_only=True):
    """An exec credential plugin of `client.authentication.k8s.io`. `command` is a path or a name on PATH."""

    api_version: str
    command: str
    args: tuple[str, ...]
    env: Mapping[str, str]
    provide_cluster_info: bool
    install_hint: str


class ClusterAccess(msgspec.Struct, frozen=True, kw_only=True):
    """One context, resolved: the server, how it proves who it is, and how we prove who we are.

    `context` names it in reports; `namespace` is the context's own, empty where none is set. `place` is the file that the
    context stands in. `warnings` are sentences that the user should see.
    """

    context: str
    place: str
    server: str
    namespace: str = ""
    certificate_authority: bytes = b""
    server_name: str = ""
    insecure: bool = False
    proxy: Proxy | None = None
    client_certificate: bytes = b""
    client_key: bytes = b""
    token: str = ""
    token_file: Path | None = None
    username: str = ""
    password: str = ""
    exec: Exec | None = None
    impersonate: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


class _Entry(msgspec.Struct, frozen=True):
    """A named cluster, user or context, with the file that set it."""

    value: Mapping[str, Any]
    file: Path


def load(context: str = "", path: str = "", environment: Mapping[str, str] | None = None) -> ClusterAccess:
    """Return the access that the kubeconfig's `context` describes; an empty `context` means its current one.

    `path` is a kubeconfig file, empty for the usual places. Raises `UsageError` for a context or file that does not exist
    and `SourceError` for one that cannot be used.
    """
    environment = os.environ if environment is None else environment
    files = _files(path, environment)
    if not files:
        if not context and environment.get("KUBERNETES_SERVICE_HOST"):
            return _in_cluster(environment)
        raise UsageError(
            "no kubeconfig was found", remedy="set KUBECONFIG, create ~/.kube/config, or name one with --kubeconfig"
        )
    clusters, users, contexts, current = _merge(files)
    wanted = context or current
    place = os.pathsep.join(str(file) for file in files)
    if not wanted:
        raise UsageError("no current context is set", place=place, remedy="name one with --context")
    if wanted not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise UsageError(f"context {wanted!r} does not exist", place=place, remedy=f"contexts here: {known}")
    entry = contexts[wanted]
    cluster_name, user_name = _text(entry, "cluster"), _text(entry, "user")
    if cluster_name not in clusters:
        raise SourceError(
            f"context {wanted!r} names the cluster {cluster_name!r}, which is not defined",
            place=str(entry.file),
            remedy="define it under clusters, or choose another context with --context",
        )
    if user_name and user_name not in users:
        raise SourceError(
            f"context {wanted!r} names the user {user_name!r}, which is not defined",
            place=str(entry.file),
            remedy="define it under users, or choose another context with --context",
        )
    user = users[user_name] if user_name else _Entry({}, entry.file)
    return _access(wanted, _text(entry, "namespace"), clusters[cluster_name], user, environment)


def _files(path: str, environment: Mapping[str, str]) -> list[Path]:
    if path:
        file = Path(path).expanduser()
        if not file.is_file():
            raise UsageError("the kubeconfig does not exist", place=path, remedy="check --kubeconfig")
        return [file]
    listed = environment.get("KUBECONFIG", "")
    if listed:
        return [Path(part) for part in listed.split(os.pathsep) if part and Path(part).is_file()]
    home = environment.get("HOME", "")
    usual = Path(home, ".kube", "config") if home else None
    return [usual] if usual is not None and usual.is_file() else []


def _merge(files: Sequence[Path]) -> tuple[dict[str, _Entry], dict[str, _Entry], dict[str, _Entry], str]:
    clusters: dict[str, _Entry] = {}
    users: dict[str, _Entry] = {}
    contexts: dict[str, _Entry] = {}
    current = ""
    for file in files:
        config = _parse(file)
        current = current or str(config.get("current-context") or "")
        for section, single, into in (
            ("clusters", "cluster", clusters),
            ("users", "user", users),
            ("contexts", "context", contexts),
        ):
            for item in config.get(section) or []:
                if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
                    raise SourceError(
                        f"an entry of {section} has no name", place=str(file), remedy="mend the kubeconfig"
                    )
                value = item.get(single)
                into.setdefault(item["name"], _Entry(value if isinstance(value, Mapping) else {}, file))
    return clusters, users, contexts, current


def _parse(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_KUBECONFIG_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", place=str(file), remedy="check its permissions"
        ) from None
    if len(data) > MAX_KUBECONFIG_BYTES:
        raise SourceError("is too large to be a kubeconfig", place=str(file), remedy="check the path")
    if not data.strip():
        return {}
    parsed = kubernetes_yaml.parse(str(file), data)
    for unscanned in parsed.unscanned:
        raise SourceError(unscanned.reason, place=unscanned.path, remedy="mend the kubeconfig")
    value = parsed.documents[0].value if parsed.documents else {}
    if not isinstance(value, Mapping):
        raise SourceError("is not a kubeconfig", place=str(file), remedy="expected a map with clusters and contexts")
    return value


def _access(
    context: str, namespace: str, cluster: _Entry, user: _Entry, environment: Mapping[str, str]
) -> ClusterAccess:
    server = _text(cluster, "server")
    if not server.startswith(("https://", "http://")):
        raise SourceError(
            f"context {context!r} has no usable server: {server!r}",
            place=str(cluster.file),
            remedy="server must be an https:// address",
        )
    if user.value.get("auth-provider"):
        raise SourceError(
            f"context {context!r} uses an auth-provider, which Kubernetes removed in 1.26",
            place=str(user.file),
            remedy="use the provider's exec plugin instead",
        )
    warnings = []
    insecure = cluster.value.get("insecure-skip-tls-verify") is True
    if insecure:
        warnings.append(
            f"context {context!r} skips TLS verification: anyone on the way can read and change the answers"
        )
    if server.startswith("http://"):
        warnings.append(f"context {context!r} talks to its server without TLS")
    token_file = _path(user, "tokenFile")
    return ClusterAccess(
        context=context,
        place=str(cluster.file),
        server=server.rstrip("/"),
        namespace=namespace,
        certificate_authority=_data_or_file(cluster, "certificate-authority"),
        server_name=_text(cluster, "tls-server-name"),
        insecure=insecure,
        proxy=_proxy(_text(cluster, "proxy-url") or proxy_of_environment(server, environment), context, cluster.file),
        client_certificate=_data_or_file(user, "client-certificate"),
        client_key=_data_or_file(user, "client-key"),
        # As in client-go, a token file (which may be rotated) goes before the token that stands beside it.
        token="" if token_file else _text(user, "token"),
        token_file=token_file,
        username=_text(user, "username"),
        password=_text(user, "password"),
        exec=_exec(context, user),
        impersonate=_impersonation(user),
        warnings=tuple(warnings),
    )


def _in_cluster(environment: Mapping[str, str]) -> ClusterAccess:
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT", "443")
    try:
        authority = (SERVICE_ACCOUNT / "ca.crt").read_bytes()
        namespace = (SERVICE_ACCOUNT / "namespace").read_text().strip()
    except OSError as error:
        raise SourceError(
            f"the pod's service account cannot be read: {error.strerror}",
            place=str(SERVICE_ACCOUNT),
            remedy="mount its token (automountServiceAccountToken), or give a kubeconfig",
        ) from None
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    return ClusterAccess(
        context="in-cluster",
        place=str(SERVICE_ACCOUNT),
        server=server,
        proxy=_proxy(proxy_of_environment(server, environment), "in-cluster", SERVICE_ACCOUNT),
        namespace=namespace,
        certificate_authority=authority,
        token_file=SERVICE_ACCOUNT / "token",
    )


def _proxy(url: str, context: str, place: Path) -> Proxy | None:
    try:
        return parse_proxy(url) if url else None
    except ProxyError as error:
        raise SourceError(
            f"context {context!r} cannot be reached: {error}",
            place=str(place),
            remedy="check proxy-url and HTTPS_PROXY, or reach the server through `kubectl proxy`",
        ) from None


def _exec(context: str, user: _Entry) -> Exec | None:
    plugin = user.value.get("exec")
    if not isinstance(plugin, Mapping):
        return None
    version = str(plugin.get("apiVersion") or "")
    if version not in ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"):
        raise SourceError(
            f"the exec plugin of context {context!r} speaks {version or 'no version'}",
            place=str(user.file),
            remedy="use one that speaks client.authentication.k8s.io/v1",
        )
    command = str(plugin.get("command") or "")
    if not command:
        raise SourceError(f"the exec plugin of context {context!r} has no command", place=str(user.file))
    if plugin.get("interactiveMode") == "Always":
        raise SourceError(
            f"the exec plugin of context {context!r} needs a person at the terminal",
            place=str(user.file),
            remedy="use a context whose plugin works unattended",
        )
    if "/" in command and not command.startswith("/"):
        command = str(user.file.resolve().parent / command)
    return Exec(
        api_version=version,
        command=command,
        args=tuple(str(argument) for argument in plugin.get("args") or []),
        env={str(item.get("name")): str(item.get("value", "")) for item in plugin.get("env") or []},
        provide_cluster_info=plugin.get("provideClusterInfo") is True,
        install_hint=str(plugin.get("installHint") or "").strip(),
    )


def _impersonation(user: _Entry) -> tuple[tuple[str, str], ...]:
    headers = []
    if name := _text(user, "as"):
        headers.append(("Impersonate-User", name))
    if uid := _text(user, "as-uid"):
        headers.append(("Impersonate-Uid", uid))
    headers += [("Impersonate-Group", str(group)) for group in user.value.get("as-groups") or []]
    extra = user.value.get("as-user-extra") or {}
    headers += [(f"Impersonate-Extra-{key}", str(value)) for key, values in extra.items() for value in values]
    return tuple(headers)


def _text(entry: _Entry, key: str) -> str:
    value = entry.value.get(key)
    return value if isinstance(value, str) else ""


def _path(entry: _Entry, key: str) -> Path | None:
    written = _text(entry, key)
    return entry.file.resolve().parent / written if written else None


def _data_or_file(entry: _Entry, key: str) -> bytes:
    """Return the PEM that stands in ``<key>-data`` (which goes first, as in client-go) or in the file that `key` names."""
    data = _text(entry, f"{key}-data")
    if data:
        try:
            return base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise SourceError(
                f"{key}-data is not base64", place=str(entry.file), remedy="mend the kubeconfig"
            ) from None
    path = _path(entry, key)
    if path is None:
        return b""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_KUBECONFIG_BYTES)
    except OSError as error:
        raise SourceError(
            f"{key} {path} cannot be read: {error.strerror}", place=str(entry.file), remedy="check the path"
        ) from None
