"""The benchmark's corpus: different real objects, as published, fetched with the Go module client and never committed.

    python bench/corpus.py DIRECTORY [--objects 10000] [--files 2000]

Manifests of published modules (their tests and their own deployments) are read, objects that stand more than once are dropped (a
repeated object earns no credit), only kinds that every peer can decode are kept, and the rest is written as multi-document
files in a stable order. The modules hold about 2,000 such objects; up to the number asked for, further ones are the same
objects under other names, namespaces and image tags, as the many services of one company resemble each other. No two are
equal. Prints what the corpus is made of.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from seawall.formats import kubernetes_yaml

MODULES = (
    "k8s.io/pod-security-admission@v0.36.3",
    "k8s.io/kubernetes@v1.36.3",
    "github.com/argoproj/argo-cd/v2@v2.14.0",
    "github.com/cert-manager/cert-manager@v1.18.0",
    "github.com/tektoncd/pipeline@v1.0.0",
    "sigs.k8s.io/gateway-api@v1.3.0",
    "github.com/open-policy-agent/gatekeeper/v3@v3.18.0",
    "github.com/zegl/kube-score@v1.20.0",
    "github.com/kubeflow/training-operator@v1.8.0",
    "github.com/longhorn/longhorn-manager@v1.7.0",
    "github.com/rook/rook@v1.15.0",
    "github.com/cilium/cilium@v1.16.0",
    "github.com/projectcontour/contour@v1.30.0",
    "github.com/aquasecurity/trivy@v0.58.0",
    "sigs.k8s.io/cluster-api@v1.9.0",
)
"""Modules that carry manifests, at fixed versions."""

KINDS = frozenset(
    {
        ("v1", kind)
        for kind in ("Pod", "Service", "ConfigMap", "Secret", "ServiceAccount", "Namespace", "PersistentVolumeClaim")
    }
    | {("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")}
    | {("batch/v1", kind) for kind in ("Job", "CronJob")}
    | {("networking.k8s.io/v1", kind) for kind in ("NetworkPolicy", "Ingress")}
    | {("rbac.authorization.k8s.io/v1", k) for k in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")}
    | {("policy/v1", "PodDisruptionBudget"), ("autoscaling/v2", "HorizontalPodAutoscaler")}
)
"""apiVersion and kind that kube-score and Trivy decode."""


def module_directory(module: str) -> Path:
    """Return the directory that the Go module client keeps `module` in, downloading it first."""
    output = subprocess.run(
        ["go", "mod", "download", "-json", module], check=True, capture_output=True, timeout=600, cwd="/"
    ).stdout
    return Path(json.loads(output)["Dir"])


def documents(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield text and value of each single-object document in the YAML files below `directory`, in path order."""
    for path in sorted(p for p in directory.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file()):
        if path.stat().st_size > 1_000_000 or "invalid" in path.parts:
            continue
        data = path.read_bytes()
        if b"{{" in data:
            continue
        parsed = kubernetes_yaml.parse(path.name, data)
        if parsed.unscanned:
            continue
        chunks = [c for c in ("\n" + data.decode()).split("\n---") if c.strip(" \n\r-")]
        if len(chunks) != len(parsed.documents):
            continue
        for chunk, document in zip(chunks, parsed.documents, strict=True):
            if isinstance(document.value, dict):
                yield chunk.strip("\n"), document.value


def is_usable(value: dict[str, Any]) -> bool:
    """Say whether every peer can decode `value`: a known kind with a name, no templating left in it."""
    metadata = value.get("metadata")
    return (value.get("apiVersion"), value.get("kind")) in KINDS and isinstance(metadata, dict) and bool(metadata)


def decodes(kube_score: str, text: str) -> bool:
    """Say whether `kube_score` can decode the object; it stops at the first that it cannot."""
    run = subprocess.run([kube_score, "score", "-"], input=text.encode(), capture_output=True, timeout=60, check=False)
    return b"Failed to" not in run.stderr


_KIND = re.compile(r"(?m)^kind: *(\w+)")
_NAMES = re.compile(
    r"(?m)^(\s*(?:- )?(?:name|namespace|app|k8s-app|serviceAccountName|image): *)([a-z0-9][\w./:-]*)[ \t]*$"
)


def vary(text: str, generation: int) -> str:
    """Return the object in `text` under other names, namespaces, labels and image tags, consistently in all its parts."""
    return _NAMES.sub(rf"\1\2-{generation}", text)


def main() -> None:
    """Write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument(
        "--decoder", help="a kube-score binary: leave out objects that it stops at (Go types are strict)"
    )
    options = parser.parse_args()

    seen: set[bytes] = set()
    texts: list[str] = []
    sources: Counter[str] = Counter()
    for module in MODULES:
        for text, value in documents(module_directory(module)):
            digest = blake2b(json.dumps(value, sort_keys=True, default=str).encode(), digest_size=16).digest()
            if len(texts) < options.objects and digest not in seen and is_usable(value):
                seen.add(digest)
                texts.append(text)
                sources[module] += 1
        print(f"{module}: {sources[module]} objects", file=sys.stderr)
    if options.decoder:
        texts = [text for text in texts if decodes(options.decoder, text)]
    published = len(texts)
    generation = 0
    while published > 0 and len(texts) < options.objects:
        generation += 1
        texts += [vary(text, generation) for text in texts[: min(published, options.objects - len(texts))]]
    options.directory.mkdir(parents=True, exist_ok=True)
    per_file = -(-len(texts) // options.files)
    for number, start in enumerate(range(0, len(texts), per_file)):
        target = options.directory / f"group-{number // 100:02}" / f"objects-{number:04}.yaml"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n---\n".join(texts[start : start + per_file]) + "\n")
    size = sum(path.stat().st_size for path in options.directory.rglob("*.yaml"))
    kinds = Counter(found[1] for text in texts if (found := _KIND.search(text)))
    print(
        f"{len(texts)} different objects ({published} as published), {size / 1e6:.1f} MB; "
        + ", ".join(f"{k} {n}" for k, n in kinds.most_common())
    )


if __name__ == "__main__":
    main()
