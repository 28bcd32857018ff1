"""Asks Seawall, osv-scanner and Trivy what they find in an image, each with the same advisories."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

Found = set[tuple[str, str, str]]
"""Package, its version, and the flaw."""


def write_image(path: Path, files: dict[str, bytes]) -> None:
    """Write an archive as ``docker save`` does, of one layer with `files`."""
    layer = _tar(files)
    config = {
        "architecture": "amd64", "os": "linux", "config": {}, "history": [{"created_by": "made"}],
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer).hexdigest()}"]},
    }  # fmt: skip
    listed = [{"Config": "config.json", "RepoTags": ["made:1"], "Layers": ["layer.tar"]}]
    contents = {
        "layer.tar": layer,
        "config.json": json.dumps(config).encode(),
        "manifest.json": json.dumps(listed).encode(),
    }
    path.write_bytes(_tar(contents))


def _tar(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def import_advisories(database: Path, path: Path) -> None:
    """Make Seawall's database of what is at `path`."""
    command = [sys.executable, "-m", "seawall", "db", "import", "--quiet", "--database", str(database), str(path)]
    subprocess.run(command, check=True, timeout=600)


def ask_seawall(image: Path, database: Path) -> Found:
    """Return what Seawall finds, by the name of the binary package."""
    command = [sys.executable, "-m", "seawall", "scan", str(image), "--only", "vulnerability-*", "--format", "json"]
    environment = {**os.environ, "SEAWALL_DATABASE": str(database)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)
    report = json.loads(done.stdout)
    for entry in report["unscanned"]:
        print(f"  not scanned: {entry['path']}: {entry['reason']}")
    return {
        (one["package"]["name"], one["package"]["version"], one["vulnerability"]["id"]) for one in report["findings"]
    }


def has_osv_scanner() -> bool:
    """Whether osv-scanner can be asked."""
    return shutil.which("osv-scanner") is not None


def ask_osv_scanner(image: Path, cache: Path) -> Found:
    """Return what osv-scanner finds: the source package, with the version of the binary one, and the record's own name.

    `cache` has the records as ``osv-scanner/ECOSYSTEM/all.zip``.
    """
    return _run_osv_scanner(["image", "--archive", str(image)], cache)


def ask_osv_scanner_about(packages: Iterable[tuple[str, str]], ecosystem: str, cache: Path) -> Found:
    """Return what osv-scanner finds for names and versions: of some distributions' images it reads as another's packages."""
    entries = [{"package": {"name": name, "version": version, "ecosystem": ecosystem}} for name, version in packages]
    path = cache / "packages.json"
    path.write_text(json.dumps({"results": [{"packages": entries}]}))
    return _run_osv_scanner(["source", "-L", f"osv-scanner:{path}"], cache)


def _run_osv_scanner(arguments: list[str], cache: Path) -> Found:
    command = ["osv-scanner", "scan", *arguments, "--offline", "--offline-vulnerabilities", "--format", "json"]
    environment = {**os.environ, "OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(cache)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)
    return {
        (entry["package"]["name"], entry["package"]["version"], one["id"])
        for result in json.loads(done.stdout)["results"]
        for entry in result["packages"]
        for one in entry.get("vulnerabilities", ())
    }


def has_trivy() -> bool:
    """Whether Trivy can be asked: it needs ``trivy-database`` too, which ``bench/trivy_database`` builds."""
    return shutil.which("trivy") is not None and shutil.which("trivy-database") is not None


def ask_trivy(image: Path, cache: Path, advisories: Iterable[dict[str, str]]) -> Found:
    """Return what Trivy finds, by the name of the binary package.

    `advisories` have ``platform`` (as Trivy calls it: ``debian 12``), ``package``, ``id`` and ``fixed``, empty where there is
    no fix.
    """
    lines = "\n".join(json.dumps(one) for one in advisories)
    shutil.rmtree(cache, ignore_errors=True)
    subprocess.run(["trivy-database", str(cache)], input=lines.encode(), check=True, timeout=600)
    command = ["trivy", "image", "--input", str(image), "--cache-dir", str(cache), "--skip-db-update", "--offline-scan"]
    command += ["--skip-java-db-update", "--scanners", "vuln", "--format", "json", "--quiet"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    return {
        (one["PkgName"], one["InstalledVersion"], one["VulnerabilityID"])
        for result in json.loads(done.stdout)["Results"]
        for one in result.get("Vulnerabilities", ())
    }
