"""The labelled set for credentials: files with one each, and files that only look as if.

    python bench/credentials_corpus.py DIRECTORY [--seed 1]

Writes one file a sample and ``labels.json`` (path: what it is, or null). Nothing in it is a real credential: positives are
made from the samples of the detectors by a seeded generator and put into the places where people leave them; negatives are
what the tools' users complain of (local-deep-research#5005, #3770, gitleaks#1219, #1799, #1835): hashes, identifiers,
placeholders, lock files, minified code, documentation, code that handles credentials.
"""

import argparse
import base64
import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from credentials_negatives import CODE, FORMS, PLACEHOLDERS, REFERENCES
from seawall.formats.credentials.samples import expand
from seawall.model.credential import Detector
from seawall.sources.credential_detectors import read_detectors

Place = tuple[str, Callable[[str], str]]

AROUND = "# the settings of the shop\nPORT=8080\nLOG_LEVEL=info\n{}\nCURRENCY=EUR\n"
PLACES: tuple[Place, ...] = (
    ("settings.env", AROUND.format),
    ("notes.md", "# Setup\n\nCall it with\n\n    {}\n\nand wait for the answer.\n".format),
    ("deploy.sh", "#!/bin/sh\nset -eu\ncd /srv/shop\n# was: {}\nmake release\n".format),
    ("dump.json", lambda text: json.dumps({"name": "shop", "lines": ["first", text, "last"]}, indent=1)),
    (
        "chat.log",
        "2025-11-25T10:00:00Z INFO started\n2025-11-25T10:00:01Z DEBUG {}\n2025-11-25T10:00:02Z INFO ready\n".format,
    ),
)
ASSIGNED: tuple[Place, ...] = (
    ("settings.py", 'NAME = "shop"\n{name} = "{value}"\n'.format),
    ("config.js", "module.exports = {{\n  port: 8080,\n  {name}: '{value}',\n}};\n".format),
    ("values.yaml", "replicas: 2\n{name}: {value}\n".format),
    ("main.go", 'package main\n\nconst {name} = "{value}"\n'.format),
    ("App.java", 'class App {{\n  static final String {name} = "{value}";\n}}\n'.format),
    ("shop.tf", 'variable "shop" {{\n  default = {{\n    {name} = "{value}"\n  }}\n}}\n'.format),
    ("app.properties", "shop.port=8080\n{name}={value}\n".format),
    ("config.json", '{{\n  "port": 8080,\n  "{name}": "{value}"\n}}\n'.format),
)
"""Places for a name and a value, in the syntax of each."""


def positives(lots: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield the id of a detector, a file's name and its text: each sample in two places, names with values in their syntax."""
    for detector in read_detectors():
        for number, hit in enumerate(detector.hits):
            for turn in range(2):
                text = expand(hit, f"{lots.random()}")
                name, value = _split(text)
                if turn and name and not detector.files:
                    file, write = ASSIGNED[lots.randrange(len(ASSIGNED))]
                    yield detector.id, file, write(name=name, value=value)
                elif detector.files or "\n" in text:
                    yield detector.id, _own_name(detector), f"{text}\n"
                else:
                    file, write = PLACES[(number + turn + lots.randrange(len(PLACES))) % len(PLACES)]
                    yield detector.id, file, write(text)


def _own_name(detector: Detector) -> str:
    return f"shop.{detector.files[0]}" if detector.files else "shop.conf"


def _split(text: str) -> tuple[str, str]:
    """Return name and value of ``NAME=value``, where it is as simple as that."""
    name, _, value = text.partition("=")
    simple = name.replace("_", "").isalnum() and not set(value) & set(" \"'\n,;=<>{}\\")
    return (name, value) if simple and value else ("", "")


def negatives(lots: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield a kind, a file's name and its text."""
    for kind, lines in (("placeholder", PLACEHOLDERS), ("reference", REFERENCES), ("code", CODE)):
        for name, line in lines:
            yield kind, name, f"{line}\n"
    for number in range(260):
        kind, name, form = FORMS[number % len(FORMS)]
        yield kind, name, expand(form, f"{lots.random()}") + "\n"
    for _ in range(60):
        data = lots.randbytes(48)
        yield "hash", "sums.txt", f"{hashlib.sha256(data).hexdigest()}  shop-{lots.randrange(90)}.tar.gz\n"
        yield "lock file", "package-lock.json", _npm_lock(lots)
        yield "lock file", "go.sum", _go_sum(lots)
        yield "minified", "app.min.js", _minified(lots)
    for _ in range(30):
        yield "picture", "icon.css", f".key{{background:url(data:image/png;base64,{_base64(lots, 900)})}}\n"
        yield "public key", "authorized_keys", f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{_base64(lots, 240)} key@shop\n"
        yield (
            "certificate",
            "ca.pem",
            f"-----BEGIN CERTIFICATE-----\n{_lines(_base64(lots, 600))}\n-----END CERTIFICATE-----\n",
        )


def _base64(lots: random.Random, count: int) -> str:
    return base64.b64encode(lots.randbytes(count)).decode()


def _lines(text: str) -> str:
    return "\n".join(text[at : at + 64] for at in range(0, len(text), 64))


def _npm_lock(lots: random.Random) -> str:
    packages = {
        f"node_modules/{name}": {
            "version": f"{lots.randrange(9)}.{lots.randrange(20)}.0",
            "resolved": f"https://registry.npmjs.org/{name}/-/{name}-1.0.0.tgz",
            "integrity": f"sha512-{_base64(lots, 64)}",
        }
        for name in lots.sample(
            ["js-tokens", "keyv", "secret-stack", "password-prompt", "tokenizr", "csrf-tokens", "oauth-sign"], 3
        )
    }
    return json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2)


def _go_sum(lots: random.Random) -> str:
    return "".join(
        f"github.com/shop/{name} v0.{lots.randrange(30)}.0{end} h1:{_base64(lots, 32)}\n"
        for name in lots.sample(["token", "secretstore", "apikey", "password", "vault"], 3)
        for end in ("", "/go.mod")
    )


def _minified(lots: random.Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["token", "key", "secret", "password", "auth", "apiKey"]
    parts = [
        lots.choice(
            [
                f"function {lots.choice(letters)}({lots.choice(letters)}){{return {lots.choice(letters)}.{lots.choice(words)}}}",
                f"{lots.choice(letters)}.{lots.choice(words)}={lots.choice(letters)}.{lots.choice(words)}||{lots.choice(letters)}()",
                f'{lots.choice(words)}:"{lots.choice(words)}-{lots.choice(words)}"',
                f"case {lots.randrange(999)}:{lots.choice(words)}=!{lots.randrange(2)};break",
            ]
        )
        for _ in range(150)
    ]
    return "!" + ",".join(parts) + ";\n"


def write(directory: Path, seed: int) -> dict[str, str | None]:
    """Write the set below `directory` and return its labels."""
    lots = random.Random(seed)
    labels: dict[str, str | None] = {}
    for label, samples in (("p", positives(lots)), ("n", negatives(lots))):
        for number, (kind, name, text) in enumerate(samples):
            path = Path(directory, label, f"{number:04}", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            labels[str(path.relative_to(directory))] = kind if label == "p" else None
    Path(directory, "labels.json").write_text(json.dumps(labels, indent=1))
    return labels


def main() -> None:
    """Write the set and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    labels = write(arguments.directory, arguments.seed)
    found = sum(label is not None for label in labels.values())
    print(f"{found} files with a credential, {len(labels) - found} without", file=sys.stderr)


if __name__ == "__main__":
    main()
