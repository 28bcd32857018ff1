"""Images that containerd has, read through its own client ``ctr``: the content store hands over each blob by its digest.

    with open_containerd_image("registry.example/app:1.2") as store: ...

Why a program: the API is gRPC (a large library for two calls), and the store on disk needs root and a database that the daemon
holds open. ``ctr`` comes with containerd. It is asked for two things that change nothing, ``images ls`` and ``content get``.
``CONTAINERD_ADDRESS`` and ``CONTAINERD_NAMESPACE`` mean what they mean for ``ctr``; without the second, Kubernetes' namespace is
looked into and then ``default``.
"""

import os
import selectors
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Self

from seawall.formats.image_reference import ImageReference
from seawall.formats.oci_digests import DigestError, algorithm_of
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.sources.programs import find_program, run_program

CALL_SECONDS = 30.0
STALL_SECONDS = 60.0
_SOCKETS = ("/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock")
_NAMESPACES = ("k8s.io", "default")
_MAX_LIST = 4 << 20
_MAX_SAID = 64 << 10
_CHUNK = 1 << 18


class ContainerdImage:
    """One image of one namespace of a containerd. Each blob is a run of ``ctr content get``."""

    kind = "image"

    def __init__(self, name: str, command: tuple[str, ...], root: Descriptor) -> None:
        self.name = name
        self._command = command
        self._root = root

    def root(self) -> Descriptor:
        """Return the manifest or index that the name stands for."""
        return self._root

    @contextmanager
    def open(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        """Hand over the bytes of a manifest or blob. Raises `SourceError` where containerd does not have them (any more)."""
        try:
            algorithm_of(descriptor.digest)
        except DigestError as error:
            raise SourceError(f"{self.name}: {error}", remedy="the image is broken: pull it again") from None
        arguments = [*self._command, "content", "get", descriptor.digest]
        with subprocess.Popen(
            arguments,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        ) as process:
            try:
                yield self._chunks(process, descriptor)
            finally:
                process.kill()

    def _chunks(self, process: "subprocess.Popen[bytes]", descriptor: Descriptor) -> Iterator[bytes]:
        said = b""
        for is_output, chunk in _both(process.stdout, process.stderr):
            if is_output:
                yield chunk
            else:
                said = (said + chunk)[:_MAX_SAID]
        if process.wait(CALL_SECONDS) != 0:
            raise SourceError(
                f"containerd does not hand over {descriptor.digest} of {self.name}: {_line(said)}",
                remedy="containerd drops what it has unpacked where it is set to: pull the image again, or ask its registry",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_containerd_image(reference: ImageReference, *, name: str = "") -> ContainerdImage:
    """Open the image that containerd knows as `reference`. Raises `SourceError` where there is none, or no containerd."""
    program = find_program("ctr")
    if program is None:
        raise SourceError(
            "containerd is asked through its client ctr, which is not on PATH",
            remedy="run Seawall where containerd is, or leave out containerd: to ask the registry",
        )
    address = os.environ.get("CONTAINERD_ADDRESS") or next(filter(os.path.exists, _SOCKETS), _SOCKETS[0])
    chosen = os.environ.get("CONTAINERD_NAMESPACE")
    namespaces = (chosen,) if chosen else _NAMESPACES
    for namespace in namespaces:
        command = (program, "--address", address, "--namespace", namespace)
        root = _find(command, address, reference)
        if root is not None:
            return ContainerdImage(name or f"containerd:{reference}", command, root)
    raise SourceError(
        f"containerd at {address} has no image {reference} in {' or '.join(namespaces)}",
        remedy="`ctr -n NAMESPACE images ls` lists what it has; set CONTAINERD_NAMESPACE to look elsewhere",
    )


def _find(command: tuple[str, ...], address: str, reference: ImageReference) -> Descriptor | None:
    base = f"{reference.host}/{reference.repository}"
    names = [f"{base}@{reference.digest}"] if reference.digest else []
    names += [f"{base}:{reference.tag}"] if reference.tag else []
    # A filter is an expression of containerd's own; a reference has no character that needs more than these quotes.
    filters = [f'name=="{written}"' for written in names]
    output = run_program([*command, "images", "ls", *filters], CALL_SECONDS, environment=_environment(), most=_MAX_LIST)
    if output.status != 0:
        raise SourceError(
            f"containerd at {address} cannot be asked: {_line(output.errors.encode())}",
            remedy="check that it runs, that you may use its socket, and CONTAINERD_ADDRESS",
        )
    for line in output.out.decode("utf-8", "replace").splitlines()[1:]:
        # REF TYPE DIGEST SIZE PLATFORMS LABELS; the first three have no blanks.
        fields = line.split()
        if len(fields) > 3 and fields[0] in names and reference.digest in ("", fields[2]):
            return Descriptor(digest=fields[2], media_type=fields[1])
    return None


def _both(output: IO[bytes] | None, errors: IO[bytes] | None) -> Iterator[tuple[bool, bytes]]:
    """Yield what comes from either, and whether it is output. Raises `SourceError` where nothing comes for too long."""
    with selectors.DefaultSelector() as selector:
        for stream in (output, errors):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, stream is output)
        while selector.get_map():
            ready = selector.select(STALL_SECONDS)
            if not ready:
                raise SourceError(f"ctr wrote nothing for {STALL_SECONDS:g} s", remedy="check that containerd is well")
            for key, _events in ready:
                chunk = os.read(key.fd, _CHUNK)
                if chunk:
                    yield key.data, chunk
                else:
                    selector.unregister(key.fileobj)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}


def _line(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[-300:] or "it says nothing"
