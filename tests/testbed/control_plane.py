"""A real etcd and kube-apiserver on loopback: the judge of Seawall's verdicts.

`start` gives a running `ControlPlane`; leaving it ends both processes by their own ids and removes nothing but its own
folder. Everything is on random loopback ports, with a certificate authority of its own, RBAC on and anonymous access
off. There is no controller manager: nothing fills namespaces with service accounts, so the ServiceAccount admission
plugin is off; every other default admission plugin is on, ValidatingAdmissionPolicy among them.
"""

import ctypes
import json
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from tests.testbed import binaries
from tests.testbed.api_client import ApiClient
from tests.testbed.certificates import CertificateAuthority, KeyPair, write_private_key

_READY_SECONDS = 120.0
_STOP_SECONDS = 15.0
# Another process may take a port between our choice and the server's use of it; that is rare, so a few tries are enough.
_TRIES = 3
_PR_SET_PDEATHSIG = 1

_AUDIT_LOG = "audit.log"
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [{"level": "None", "verbs": ["get", "list", "watch"]}, {"level": "Metadata"}],
}

Progress = Callable[[str], None]


class StartError(Exception):
    """A process of the control plane did not come up; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlane:
    """A running API server, and what a client needs to talk to it as a member of ``system:masters``.

    `kubeconfig` is a file with one context, ``testbed``. `kubectl` is the matching client program. `audit_log` has a line for
    each request that writes, with its audit annotations.
    """

    url: str
    kubeconfig: Path
    ca: Path
    admin: KeyPair
    client: ApiClient
    kubectl: Path
    authority: CertificateAuthority
    folder: Path
    audit_log: Path

    def client_for(self, user: str, groups: list[str]) -> ApiClient:
        """Return a client that authenticates as `user` in `groups` with a certificate of its own."""
        return ApiClient(self.url, _tls(self.ca, self.authority.issue_client(user, groups)))

    def kubeconfig_for(self, user: str, groups: list[str]) -> Path:
        """Return a kubeconfig whose one context authenticates as `user` in `groups`."""
        path = self.folder / f"kubeconfig-{user.replace(':', '-')}"
        _write_kubeconfig(path, self.url, self.ca, self.authority.issue_client(user, groups))
        return path

    def run_kubectl(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run kubectl as the administrator and return its status and output, whatever they are."""
        return subprocess.run(
            [str(self.kubectl), "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
            env={"HOME": str(self.folder), "KUBECTL_KUBERC": "false"},
        )

    def ensure_namespace(self, name: str, labels: dict[str, str] | None = None) -> None:
        """Make sure that the namespace `name` exists and has `labels`."""
        self.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}})


@contextmanager
def start(folder: Path, progress: Progress = lambda _line: None) -> Iterator[ControlPlane]:
    """Build what is missing, start etcd and kube-apiserver with all their files in `folder`, and yield when ready.

    Raises `binaries.BuildError` or `StartError`.
    """
    programs = {name: binaries.provide(name, progress) for name in ("etcd", "kube-apiserver", "kubectl")}
    authority = CertificateAuthority(folder)
    server = authority.issue_server("kube-apiserver")
    admin = authority.issue_client("testbed-admin", ["system:masters"])
    with ExitStack() as running:
        etcd_url = _start_with_retries(running, lambda: _start_etcd(programs["etcd"], folder))
        url = _start_with_retries(
            running, lambda: _start_api_server(programs["kube-apiserver"], folder, etcd_url, authority, server)
        )
        client = ApiClient(url, _tls(authority.certificate, admin))
        running.callback(client.close_all)
        _await_post_start(client)
        kubeconfig = folder / "kubeconfig"
        _write_kubeconfig(kubeconfig, url, authority.certificate, admin)
        plane = ControlPlane(
            url=url,
            kubeconfig=kubeconfig,
            ca=authority.certificate,
            admin=admin,
            client=client,
            kubectl=programs["kubectl"],
            authority=authority,
            folder=folder,
            audit_log=folder / _AUDIT_LOG,
        )
        plane.ensure_namespace("default")
        progress(f"control plane {client.get('/version')['gitVersion']} is ready at {url}")
        yield plane


class _Server:
    """A child process with its log file and a check that says when it is ready."""

    def __init__(self, name: str, arguments: list[str], folder: Path, url: str, is_ready: Callable[[], bool]) -> None:
        self.url = url
        self._name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={"HOME": str(folder)},
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._is_ready = is_ready

    def await_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None:
                raise StartError(f"{self._name} ended with status {self._process.returncode}:\n{self._tail()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self._name} was not ready after {_READY_SECONDS:.0f} s:\n{self._tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-30:])


def _die_with_parent() -> None:
    # A killed test run (no teardown) must not leave servers behind. Linux only, like the testbed.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _start_with_retries(running: ExitStack, launch: Callable[[], _Server]) -> str:
    for attempt in range(_TRIES):
        server = launch()
        try:
            server.await_ready()
        except StartError as error:
            server.stop()
            if attempt == _TRIES - 1 or "address already in use" not in str(error):
                raise
        except BaseException:
            server.stop()
            raise
        else:
            running.callback(server.stop)
            return server.url
    raise RuntimeError("unreachable: the last try returns or raises")


def _start_etcd(program: Path, folder: Path) -> _Server:
    client_port, peer_port = _free_ports(2)
    url, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    arguments = [
        str(program),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",  # the data does not outlive the run
        "--log-level=warn",
    ]
    return _Server("etcd", arguments, folder, url, lambda: _accepts(client_port))


def _start_api_server(
    program: Path, folder: Path, etcd_url: str, authority: CertificateAuthority, server: KeyPair
) -> _Server:
    (port,) = _free_ports(1)
    signing_key = folder / "service-account.key"
    write_private_key(ec.generate_private_key(ec.SECP256R1()), signing_key)
    audit_policy = folder / "audit-policy.json"
    audit_policy.write_text(json.dumps(_AUDIT_POLICY))
    arguments = [
        str(program),
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={server.certificate}",
        f"--tls-private-key-file={server.key}",
        f"--client-ca-file={authority.certificate}",
        "--anonymous-auth=false",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://seawall-testbed.invalid",
        f"--service-account-signing-key-file={signing_key}",
        f"--service-account-key-file={signing_key}",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--allow-privileged=true",
        "--disable-admission-plugins=ServiceAccount",  # needs the controller manager
        "--endpoint-reconciler-type=none",  # a loopback address is no valid endpoint
        "--enable-priority-and-fairness=false",
        "--profiling=false",
        f"--audit-policy-file={audit_policy}",
        f"--audit-log-path={folder / _AUDIT_LOG}",
        f"--cert-dir={folder}",
    ]
    admin = _tls(authority.certificate, authority.issue_client("testbed-probe", ["system:masters"]))
    return _Server("kube-apiserver", arguments, folder, f"https://127.0.0.1:{port}", lambda: _is_ready(port, admin))


def _is_ready(port: int, context: ssl.SSLContext) -> bool:
    client = ApiClient(f"https://127.0.0.1:{port}", context)
    try:
        return client.call("GET", "/readyz", seconds=5).status == 200
    except OSError:
        return False
    finally:
        client.close()


def _await_post_start(client: ApiClient) -> None:
    """Wait for the objects that the server makes for itself, which pods in the tests refer to."""
    deadline = time.monotonic() + _READY_SECONDS
    for path in (
        "/api/v1/namespaces/kube-system",
        "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
    ):
        while client.call("GET", path).status != 200:
            if time.monotonic() > deadline:
                raise StartError(f"kube-apiserver did not make {path} in {_READY_SECONDS:.0f} s")
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    """Return different free loopback ports; all are held until the last is chosen, so that none repeats."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for chosen in sockets:
            chosen.bind(("127.0.0.1", 0))
        return [int(chosen.getsockname()[1]) for chosen in sockets]


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _tls(ca: Path, client: KeyPair) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(str(client.certificate), str(client.key))
    return context


def _write_kubeconfig(path: Path, url: str, ca: Path, client: KeyPair) -> None:
    user = {"client-certificate": str(client.certificate), "client-key": str(client.key)}
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "testbed", "cluster": {"server": url, "certificate-authority": str(ca)}}],
        "users": [{"name": "testbed", "user": user}],
        "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "testbed"}}],
        "current-context": "testbed",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1))
