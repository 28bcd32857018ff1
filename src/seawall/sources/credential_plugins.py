"""Run an exec credential plugin, unattended, and read the ExecCredential that it prints.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins. The plugin is a program
that the user's own kubeconfig names; it gets no terminal, no standard input and a deadline. What it prints is a secret
and never part of a message.
"""

import os
import subprocess

import msgspec

from seawall.model.errors import SourceError
from seawall.sources.kubeconfig import ClusterAccess, Exec

# Cloud plugins answer in one or two seconds; a cold start that asks a token service twice stays below this.
PLUGIN_SECONDS = 30.0
_MAX_MESSAGE = 400


class _Status(msgspec.Struct, rename="camel"):
    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str
    kind: str
    status: _Status | None = None


class PluginCredential(msgspec.Struct, frozen=True):
    """What a plugin gave: a bearer token, a client certificate with its key (PEM), or both."""

    token: str
    certificate: bytes
    key: bytes


def run_plugin(access: ClusterAccess, plugin: Exec, seconds: float = PLUGIN_SECONDS) -> PluginCredential:
    """Run `plugin` for `access` and return its credential. Raises `SourceError` when it fails, hangs or prints no credential."""
    information = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": _spec(access, plugin)}
    environment = {
        **os.environ,
        **plugin.env,
        "KUBERNETES_EXEC_INFO": msgspec.json.encode(information).decode(),
    }
    hint = plugin.install_hint or f"run {plugin.command} by hand, or choose another context with --context"
    try:
        result = subprocess.run(
            [plugin.command, *plugin.args],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"the exec plugin {plugin.command} did not answer in {seconds:g} s"
        raise SourceError(problem, place=access.place, remedy=hint) from None
    except OSError as error:
        problem = f"the exec plugin {plugin.command} cannot be run: {error.strerror}"
        raise SourceError(problem, place=access.place, remedy=hint) from None
    if result.returncode != 0:
        said = " ".join(result.stderr.decode(errors="replace").split())[-_MAX_MESSAGE:]
        problem = f"the exec plugin {plugin.command} ended with status {result.returncode}"
        raise SourceError(f"{problem}: {said}" if said else problem, place=access.place, remedy=hint)
    return _credential(access, plugin, result.stdout)


def _spec(access: ClusterAccess, plugin: Exec) -> dict[str, object]:
    spec: dict[str, object] = {"interactive": False}
    if plugin.provide_cluster_info:
        cluster: dict[str, object] = {"server": access.server}
        if access.server_name:
            cluster["tls-server-name"] = access.server_name
        if access.insecure:
            cluster["insecure-skip-tls-verify"] = True
        if access.certificate_authority:
            cluster["certificate-authority-data"] = access.certificate_authority  # msgspec writes bytes as base64
        spec["cluster"] = cluster
    return spec


def _credential(access: ClusterAccess, plugin: Exec, output: bytes) -> PluginCredential:
    try:
        answer = msgspec.json.decode(output, type=_ExecCredential)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise SourceError(
            f"the exec plugin {plugin.command} printed no ExecCredential", place=access.place, remedy="check the plugin"
        ) from None
    if answer.kind != "ExecCredential" or answer.api_version != plugin.api_version:
        raise SourceError(
            f"the exec plugin {plugin.command} answered {answer.api_version} {answer.kind}, not {plugin.api_version}",
            place=access.place,
            remedy="make the plugin and the kubeconfig agree on one version",
        )
    status = answer.status or _Status()
    if not status.token and not (status.client_certificate_data and status.client_key_data):
        raise SourceError(
            f"the exec plugin {plugin.command} gave neither a token nor a client certificate with its key",
            place=access.place,
            remedy="check the plugin",
        )
    return PluginCredential(status.token, status.client_certificate_data.encode(), status.client_key_data.encode())
