"""gatekeeper#3357, kubescape/operator#382, neuvector#1101: memory that grows with the cluster has a stated bound.

A scan holds a page of the server's answer, and of each object what rules read: about 20 kB for a workload, its text for others;
pods that a controller in the scan owns cost nothing. Findings come on top, at about 2 kB each.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.kubernetes_api import KubernetesApi, serve

pytestmark = pytest.mark.slow

MEGABYTE = 1_024
SCAN = """
import sys
from seawall.apps.cli.main import main
main(sys.argv[1:])
# VmHWM and not ru_maxrss, which a child inherits from a parent that is larger than itself.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""


def peak_kilobytes(api: KubernetesApi, folder: Path, *arguments: str) -> int:
    """Return the most memory that a scan of `api` took."""
    config = folder / "config"
    context = {"name": "a", "context": {"cluster": "a"}}
    clusters = [{"name": "a", "cluster": {"server": api.url}}]
    config.write_text(json.dumps({"clusters": clusters, "contexts": [context], "current-context": "a"}))
    command = [
        sys.executable,
        "-c",
        SCAN,
        "scan",
        "cluster",
        f"--kubeconfig={config}",
        "--output=/dev/null",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return int(done.stderr.split()[-1])


def metadata(kind: str, number: int) -> dict[str, Any]:
    managed = {f"f:field{index}": {f"f:inner{inner}": {} for inner in range(8)} for index in range(8)}
    return {
        "name": f"{kind}-{number}",
        "namespace": f"namespace-{number % 50}",
        "uid": f"{kind}-{number}",
        "labels": {"app": f"app-{number}"},
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "x" * 1_500},
        "managedFields": [{"manager": "kubectl", "operation": "Update", "fieldsV1": managed}],
    }


def pod_spec(number: int) -> dict[str, Any]:
    container = {
        "name": "main",
        "image": f"registry.example/app-{number}:1",
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": f"VARIABLE_{index}", "value": f"value-{number}-{index}"} for index in range(12)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10},
        "terminationMessagePath": "/dev/termination-log",
    }
    return {"containers": [container, {**container, "name": "side"}], "restartPolicy": "Always"}


def test_ten_thousand_config_maps_and_as_many_owned_pods_take_little(tmp_path: Path) -> None:
    with serve() as api:
        deployments = [
            {"metadata": metadata("deployment", number), "spec": {"template": {"spec": pod_spec(number)}}}
            for number in range(100)
        ]
        owners = [{"controller": True, "uid": item["metadata"]["uid"]} for item in deployments]
        api.lists["/apis/apps/v1/deployments"] = deployments
        api.lists["/api/v1/pods"] = [
            {
                "metadata": metadata("pod", number) | {"ownerReferences": [owners[number % 100]]},
                "spec": pod_spec(number),
            }
            for number in range(10_000)
        ]
        api.lists["/api/v1/config-maps"] = [
            {"metadata": metadata("config-map", number), "data": {"app.conf": "key: value\n" * 100}}
            for number in range(10_000)
        ]
        assert peak_kilobytes(api, tmp_path) < 150 * MEGABYTE


def test_ten_thousand_workloads_stay_within_the_stated_bound(tmp_path: Path) -> None:
    with serve() as api:
        api.lists["/apis/apps/v1/deployments"] = [
            {"metadata": metadata("deployment", number), "spec": {"template": {"spec": pod_spec(number)}}}
            for number in range(10_000)
        ]
        assert peak_kilobytes(api, tmp_path, "--only=latest-image-tag") < 280 * MEGABYTE
        assert peak_kilobytes(api, tmp_path, "--format=json") < 600 * MEGABYTE
