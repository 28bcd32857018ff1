"""Finds test data that Kubernetes publishes inside its Go modules, fetched with the Go client and checked against ``go.sum``."""

import json
import os
import subprocess
from pathlib import Path

from tests.testbed.binaries import MODULES, BuildError, find_go

_SECONDS = 600


def module_folder(module: str, pinned_by: str = "kubernetes") -> Path:
    """Return the folder of `module` in the Go module cache, at the version that ``go/<pinned_by>/go.mod`` pins."""
    done = subprocess.run(
        [find_go(), "mod", "download", "-json", module],
        cwd=MODULES / pinned_by,
        env=os.environ | {"GOFLAGS": "-mod=readonly", "GOWORK": "off"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"go mod download {module} failed: {done.stderr.strip() or done.stdout.strip()}")
    return Path(json.loads(done.stdout)["Dir"])
