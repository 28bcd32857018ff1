"""Small trees to scan, and scans of them, for tests of the gates."""

import datetime
from pathlib import Path
from textwrap import dedent

from seawall.model.finding import Finding
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.rule_sets import RuleChoice

TODAY = datetime.date(2026, 6, 15)
HEAD = "apiVersion: seawall.dev/v1\nkind: Configuration\n"


def write(root: Path, **files: str) -> None:
    """Write `files` below `root`; ``__`` in a name is a slash, and ``.yaml`` is added."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")


def configure(root: Path, text: str) -> Path:
    """Write `text` below the head of a configuration as the tree's ``seawall.yaml``."""
    path = root / "seawall.yaml"
    path.write_text(HEAD + dedent(text), "utf-8")
    return path


def scan(
    *targets: Path | str,
    configuration: Path | None = None,
    baseline: Path | None = None,
    since: str | None = None,
    today: datetime.date = TODAY,
    **choice: tuple,
) -> Scanned:
    """Scan `targets` on a fixed day; `choice` are fields of `RuleChoice`."""
    return deploy.scan(
        DeployScan(
            targets=tuple(str(target) for target in targets),
            choice=RuleChoice(**choice),
            configuration=str(configuration) if configuration else None,
            baseline=str(baseline) if baseline else None,
            since=since,
            today=today,
        )
    )


def found(scanned: Scanned, rule: str) -> list[Finding]:
    """Return the findings of `rule`, suppressed ones included."""
    return [finding for finding in scanned.report.findings if finding.rule == rule]


def counting(scanned: Scanned, rule: str) -> list[Finding]:
    """Return the findings of `rule` that count."""
    return [finding for finding in found(scanned, rule) if finding.suppressed is None]


def messages(scanned: Scanned, rule: str) -> list[str]:
    """Return the words of the findings of `rule` that count."""
    return [finding.message for finding in counting(scanned, rule)]


POD = """
    apiVersion: v1
    kind: Pod
    metadata: {name: net, namespace: shop}
    spec:
      initContainers:
        - name: setup
          image: registry.example.com/setup:1.0.0
          securityContext:
            privileged: true
      containers:
        - name: app
          image: registry.example.com/app:1.0.0
          securityContext:
            privileged: true
        - name: sidecar
          image: registry.example.com/sidecar:1.0.0
"""
"""A pod whose init container ``setup`` and container ``app`` are privileged."""
