"""Real manifests from published Go modules: fetched at test time, never committed, the same bytes everywhere.

`k8s.io/kubernetes` and `k8s.io/pod-security-admission` are pinned by ``go/kubernetes/go.sum``; the others here, by version and
the checksum that ``go.sum`` would hold. Apache-2.0 all but kube-score (MIT).
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.testbed.binaries import BuildError, find_go
from tests.testbed.go_modules import module_folder

PINNED = (
    ("github.com/zegl/kube-score", "v1.20.0", "h1:J1VqK86SunV4Gg8emPTmwUVxe0rmXnAs5K9ZUbGMKR8="),
    ("github.com/open-policy-agent/gatekeeper/v3", "v3.18.0", "h1:Sdt0jDcD2pe02pfnh5GlIwAEMs+Z4GhbbnwsE31smNs="),
    ("sigs.k8s.io/gateway-api", "v1.3.0", "h1:q6okN+/UKDATola4JY7zXzx40WO4VISk7i9DIfOvr9M="),
    ("github.com/rook/rook", "v1.15.0", "h1:uSmt41WNtABi/DKr+96fcbHmMF6Wb6hUDKGujPj8mkc="),
    ("github.com/longhorn/longhorn-manager", "v1.7.0", "h1:JCXzJsmunXFCz3d1Y2dn6AN5PC+gIIp0+qCQKy0ysGQ="),
    ("github.com/kubeflow/training-operator", "v1.8.0", "h1:cHXIz7BV3Ayp7W5Rqe20/ukmVEzraI+O/XRYKBHQcrg="),
)
"""Module, version, checksum: 20 MB together."""

_SECONDS = 600
_MOST_BYTES = 1_000_000
_SEPARATOR = re.compile(rb"^---(?:[ \t].*)?\r?$", re.MULTILINE)
_NAME = re.compile(rb"^  name: .*$", re.MULTILINE)
_POD_SECURITY_MINOR = 35


def documents() -> Iterator[tuple[str, bytes]]:
    """Yield name and text of each YAML document, module by module in the order of paths. Not all are Kubernetes objects."""
    roots = [("k8s.io/kubernetes", module_folder("k8s.io/kubernetes"))]
    roots += [(module, _download(*pinned)) for pinned in PINNED for module in pinned[:1]]
    for module, root in roots:
        for path in sorted(root.rglob("*")):
            if path.suffix in (".yaml", ".yml") and path.is_file() and path.stat().st_size <= _MOST_BYTES:
                yield from _split(f"{module}/{path.relative_to(root)}", path.read_bytes())
    test_data = module_folder("k8s.io/pod-security-admission") / "test" / "testdata"
    for level in ("baseline", "restricted"):
        for path in sorted((test_data / level / f"v1.{_POD_SECURITY_MINOR}").rglob("*.yaml")):
            # Some are named after checks with an underscore, which no pod can be created with.
            data = _NAME.sub(lambda found: found[0].replace(b"_", b"-"), path.read_bytes())
            yield from _split(f"pod-security/{path.relative_to(test_data)}", data)


def _split(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if b"{{" in data:
        return  # a template; the objects that it makes are somebody else's
    for index, text in enumerate(split_documents(data)):
        yield f"{name}#{index}", text


def split_documents(data: bytes) -> list[bytes]:
    """Return the texts between the document separators of `data`, empty ones left out."""
    return [part.strip(b"\r\n") + b"\n" for part in _SEPARATOR.split(data) if part.strip()]


def _download(module: str, version: str, checksum: str) -> Path:
    done = subprocess.run(
        [find_go(), "mod", "download", "-json", f"{module}@{version}"],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"go mod download {module}@{version} failed: {done.stderr.strip() or done.stdout.strip()}")
    answer = json.loads(done.stdout)
    if answer["Sum"] != checksum:
        raise BuildError(f"{module}@{version} is {answer['Sum']}, not {checksum}")
    return Path(answer["Dir"])
