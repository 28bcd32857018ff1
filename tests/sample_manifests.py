"""Manifests as text, for tests of facts."""

from textwrap import dedent

from seawall.formats import kubernetes_yaml
from seawall.model.resource import Resource


def resources_in(text: str) -> list[Resource]:
    """Return the resources of `text`, any number of documents."""
    parsed = kubernetes_yaml.parse("test.yaml", dedent(text).encode())
    assert parsed.unscanned == []
    return [resource for document in parsed.documents for resource in kubernetes_yaml.resources(document)]


def deployment(name: str, labels: str, *, namespace: str = "shop", account: str = "", ports: str = "[]") -> str:
    """Return the text of a Deployment whose pods have `labels` (a YAML flow map)."""
    return (
        f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: '{namespace}'}}\n"
        f"spec:\n  template:\n    metadata: {{labels: {labels}}}\n"
        f"    spec: {{serviceAccountName: '{account}', containers: [{{name: main, image: x, ports: {ports}}}]}}\n"
    )


def policy(name: str, selector: str, *, namespace: str = "shop", spec: str = "policyTypes: [Ingress]") -> str:
    """Return the text of a NetworkPolicy; `spec` is the rest of its spec, on one line."""
    return (
        f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: '{namespace}'}}\n"
        f"spec:\n  podSelector: {selector}\n  {spec}\n"
    )
