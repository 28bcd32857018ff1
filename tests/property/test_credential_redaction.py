"""Law: no report of any format shows the value of a credential that was found, whichever rule speaks of its file."""

import base64
import html
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall import reports
from seawall.apps.cli.scan import FORMATS
from seawall.formats.credentials.leaks import find_leaks
from seawall.formats.credentials.samples import expand
from seawall.model.taxonomy import Severity
from seawall.policy.decide import decide
from seawall.sources.credential_detectors import load_scanner, read_detectors
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned

DETECTORS = read_detectors()

POD = """apiVersion: v1
kind: Pod
metadata: {{name: shop, namespace: shop}}
spec:
  containers:
  - env:
    - {{name: A, value: {value}}}
    - name: DATABASE_PASSWORD
      value: {value}
    image: nginx
    name: app
    command: ["serve", "--token={value}"]
---
apiVersion: v1
kind: Secret
metadata: {{name: shop, namespace: shop}}
data:
  token: {encoded}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: shop, namespace: shop}}
data:
  token: {value}
"""


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scanned, set[str]]:
    """Scan a file with each sample of each detector, and pods that have the simple ones in many places."""
    directory = tmp_path_factory.mktemp("shop")
    scanner = load_scanner()
    values: set[str] = set()
    for number, detector in enumerate(DETECTORS):
        for turn, hit in enumerate(detector.hits):
            name = f"{number}-{turn}.{detector.files[0]}" if detector.files else f"{number}-{turn}.txt"
            text = expand(hit, number)
            (directory / name).write_text(text)
            found = [value.decode() for _, value in find_leaks(scanner, name, text.encode())]
            values.update(found)
            if len(found) == 1 and found[0].replace("_", "").replace("-", "").isalnum():
                pod = POD.format(value=found[0], encoded=base64.b64encode(found[0].encode()).decode())
                (directory / f"{number}-{turn}.yaml").write_text(pod)
                values.update(value.decode() for _, value in find_leaks(scanner, f"{number}.yaml", pod.encode()))
    assert len(values) > 280
    return deploy.scan(DeployScan(targets=(str(directory),), vulnerabilities=False)), values


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_shows_a_value(scanned: tuple[Scanned, set[str]], form: str) -> None:
    result, values = scanned
    pieces = reports.render(
        form,
        result.report,
        rules={rule.id: rule for rule in result.rules},
        decision=decide(result.report, fail_on=Severity.HIGH, allow_unscanned=False),
        details=True,
        show_suppressed=True,
        width=4000,
        colour=False,
    )
    text = b"".join(pieces).decode()
    assert "lies open" in text
    shown = [
        value
        for value in values
        for line in (value.splitlines() if "\n" in value else [value])
        if len(line) > 11 and not line.startswith("-----")
        for way in {line, html.escape(line), json.dumps(line)[1:-1]}
        if way in text
    ]
    assert shown == []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([d for d in DETECTORS if not d.files]),
    st.integers(0, 10_000),
    st.text("ab:=\"' \t{},;", max_size=60),
    st.text("ab:=\"' \t{},;\n", max_size=60),
)
def test_what_a_leak_says_has_no_more_of_the_value_than_its_ends(
    detector: object, seed: int, before: str, after: str
) -> None:
    (hit,) = detector.hits[:1]  # type: ignore[attr-defined]
    text = f"{before}{expand(hit, seed)}{after}"
    for leak, value in find_leaks(load_scanner(), "shop.txt", text.encode()):
        said = f"{leak.snippet} {leak.shown} {leak.name} {leak.identity}"
        whole = value.decode("utf-8", "replace")
        assert whole not in said
        middle = whole[5:-3]
        assert len(middle) < 8 or whole.startswith("-----") or middle not in said
