"""What a scan does not import: start-up time is a feature, and an import at the top of a module undoes it in silence."""

import subprocess
import sys
from pathlib import Path

NOT_WANTED = (
    "argparse",
    "cel_expr_python",  # rules are compiled once, and kept
    "hashlib",  # OpenSSL, for nothing but BLAKE2
    "json",
    "pathlib",
    "seawall.formats.configuration",
    "seawall.formats.kubernetes_json",
    "seawall.policy.baseline",
    "seawall.policy.suppress",
    "seawall.policy.compile",
    "seawall.policy.load",
    "seawall.sources.ignore_files",
    "seawall.sources.kustomizations",
    "seawall.sources.rule_folders",
    "shutil",
    "yaml",
)

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: api
    image: registry.example/api:1.0
    securityContext: {privileged: true}
    command: ["/api", "--verbose"]
"""

PROGRAM = """\
import sys
from seawall.apps.cli.main import main
status = main(["scan", sys.argv[1], "--format", "json", "--output", sys.argv[2]])
print(status, *sys.modules)
"""


def test_a_scan_of_a_plain_manifest_imports_only_what_it_needs(tmp_path: Path) -> None:
    manifest = tmp_path / "pod.yaml"
    manifest.write_text(MANIFEST)
    for _first_keeps_the_rules in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(manifest), str(tmp_path / "report.json")],
            capture_output=True,
            check=True,
            text=True,
            timeout=120,
        )
    status, *modules = ended.stdout.split()
    assert status == "1"
    assert sorted(set(modules).intersection(NOT_WANTED)) == []
