"""A report to render: fixed, small, and with the cases that matter. For tests only."""

from seawall.model.finding import Finding, Report, Summary, Suppressed, Target, Tool
from seawall.model.resource import Location, ResourceRef, Unscanned
from seawall.model.rule import Match, Rule, Validation
from seawall.model.taxonomy import Confidence, Layer, Severity, Stage


def make_finding(**changes: object) -> Finding:
    """Return a finding of ``privileged-container``, with `changes` to its fields."""
    values: dict[str, object] = {
        "id": "5f1c0e6a9b7d4c2e",
        "rule": "privileged-container",
        "title": "Container runs privileged",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "layer": Layer.CONTAINER,
        "stages": [Stage.BUILD, Stage.DEPLOY, Stage.RUNTIME],
        "practices": ["N3", "K2"],
        "resource": ResourceRef("apps/v1", "Deployment", "shop", "api"),
        "location": Location("deploy/api.yaml", 31, 23, 31, 27),
        "field": "spec.template.spec.containers[0].securityContext.privileged",
        "evidence": "true",
        "message": "container api is privileged",
        "remediation": "Drop privileged and add the one capability that is needed.",
        "frameworks": {"pss": "baseline", "cis-kubernetes-1.11": ["5.2.2"]},
        "references": ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
        "snippet": "          privileged: true",
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def make_rule(**changes: object) -> Rule:
    """Return the rule ``privileged-container``, with `changes` to its fields."""
    values: dict[str, object] = {
        "id": "privileged-container",
        "title": "Container runs privileged",
        "layer": Layer.CONTAINER,
        "stages": [Stage.BUILD, Stage.DEPLOY, Stage.RUNTIME],
        "practices": ["N3", "K2"],
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "why": "A privileged container holds every capability of its node; a break-in is a break-in of the node.",
        "remediation": "Drop privileged and add the one capability that is needed.",
        "false_positives": "CNI and CSI agents that manage the node.",
        "match": Match(facts=["PodSpec"]),
        "validations": [Validation(expression="true")],
    }
    return Rule(**(values | changes))  # type: ignore[arg-type]


def make_rules() -> dict[str, Rule]:
    """Return the rules of `make_report`, by id."""
    rules = [
        make_rule(),
        make_rule(
            id="secret-in-manifest",
            title="Secret holds its values in plain text",
            layer=Layer.CODE,
            severity=Severity.CRITICAL,
            why="Whoever can read the repository can read the credential, for as long as its history exists.",
            remediation="Keep the value in a secret store and reference it; replace the one that was published.",
        ),
        make_rule(
            id="image-tag-mutable",
            title="Image is named by a tag that can move",
            severity=Severity.MEDIUM,
            why="What was scanned and what runs can differ.",
            remediation="Name the image by digest.",
        ),
    ]
    return {rule.id: rule for rule in rules}


def make_findings() -> list[Finding]:
    """Return findings of three rules: one with five equal places, one with hostile text, one suppressed."""
    return [
        make_finding(
            id="a1",
            rule="secret-in-manifest",
            title="Secret holds its values in plain text",
            severity=Severity.CRITICAL,
            layer=Layer.CODE,
            practices=["B1"],
            resource=ResourceRef("v1", "Secret", "shop", "database"),
            location=Location("deploy/secret.yaml", 8, 13, 8, 30),
            field="data.password",
            evidence="[redacted]",
            message="the value of password stands in the file",
            remediation="Keep the value in a secret store and reference it; replace the one that was published.",
            snippet="  password: [redacted]",
            frameworks={},
            references=[],
        ),
        *(
            make_finding(
                id=f"b{number}",
                resource=ResourceRef("apps/v1", "Deployment", "shop", name),
                location=Location(f"deploy/{name}.yaml", 31, 23, 31, 27),
                message=f"container {name} is privileged",
            )
            for number, name in enumerate(["api", "basket", "cart", "mail", "search"])
        ),
        make_finding(
            id="c1",
            rule="image-tag-mutable",
            title="Image is named by a tag that can move",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            resource=ResourceRef("batch/v1", "CronJob", "", "\x1b[2J::error::<script>alert(1)</script>[bold]|`x`"),
            location=Location("deploy/job, nightly.yaml", 12, 18, 12, 27),
            field="spec.jobTemplate.spec.template.spec.containers[0].image",
            evidence="日本/busybox",
            message="image 日本/busybox has no digest\n::warning::forged",
            remediation="Name the image by digest.",
            snippet="          image: 日本/busybox # \x1b]0;title\x07",
        ),
        make_finding(
            id="d1",
            resource=ResourceRef("apps/v1", "DaemonSet", "kube-system", "cni"),
            location=Location("deploy/cni.yaml", 40, 25, 40, 29),
            message="container cni is privileged",
            suppressed=Suppressed(by="annotation", reason="manages the node's network", expires="2027-01-31"),
        ),
    ]


def make_report(**changes: object) -> Report:
    """Return the whole report, with `changes` to its fields."""
    values: dict[str, object] = {
        "tool": Tool("seawall", "0.1.0"),
        "targets": [Target("deploy", "directory")],
        "summary": Summary(
            resources=14,
            rules=131,
            findings={"critical": 1, "high": 5, "medium": 1, "low": 0, "info": 0},
            suppressed=1,
            unscanned=1,
        ),
        "findings": make_findings(),
        "unscanned": [Unscanned("charts/shop", "helm is not on PATH; install it, or scan the rendered manifests")],
    }
    return Report(**(values | changes))  # type: ignore[arg-type]
