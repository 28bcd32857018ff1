"""How is an image configured, and which of its files stand out? (facts ``Image`` and ``ImageFile``)

    facts = [*derive_images([inventory], now), *derive_image_files([inventory])]

What a rule may ask is documented in `facts.catalogue`. `now` is a parameter; where the image does not say when it was made, its
age is -1.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec

from seawall.cel.unknown import UNKNOWN
from seawall.facts.distribution_ends import end_of, ended
from seawall.facts.images import ImageInventory, LayerUse
from seawall.facts.inventory import API_VERSION
from seawall.formats.build_steps import arguments_of, environment_of, instruction_of, keyword_of
from seawall.formats.package_sources import parse_unverified
from seawall.model.distribution_ends import DistributionEnds
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.image import Image, ImageConfig
from seawall.model.image_contents import SETGID, SETUID, STICKY, WORLD_WRITABLE
from seawall.model.package import Distro
from seawall.model.resource import Location, Place, Resource, ResourceRef

IMAGE, FILE = "Image", "ImageFile"

_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?\Z", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:(?P<registry>[^/@]+)/)?(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?\Z")
_NOTHING_KNOWN: Mapping[str, DistributionEnds] = MappingProxyType({})
_NO_REFERENCE = ("oci:", "oci-archive:", "docker-archive:", "rootfs:", ".", "/", "~")


class ImageOrigin(msgspec.Struct, frozen=True):
    """An image, or a file in one (``app.tar!/usr/bin/su``), which has no lines."""

    path: str

    def locate(self, field: FieldPath) -> Place:
        """Return the beginning of it, whatever `field`."""
        return Place(Location(self.path, 1, 1, 1, 1), None, "")


def derive_images(
    inventories: Iterable[ImageInventory], now: datetime, ends: Mapping[str, DistributionEnds] = _NOTHING_KNOWN
) -> Iterator[Fact]:
    """Yield the fact ``Image`` of each inventory. `ends` says until when distributions are maintained, by their ids."""
    for inventory in inventories:
        value = _image(inventory, now, ends)
        ref = ResourceRef(API_VERSION, IMAGE, "", inventory.image.name)
        doubt = ""
        if value["distro"]["ended"] is UNKNOWN:
            doubt = (
                f"no date is known for {value['distro']['id']} {value['distro']['version']}; write the last day of its support"
                " into the parameter ends"
            )
        yield Fact(IMAGE, Resource(ref, value, ImageOrigin(inventory.image.name)), value, {}, doubt=doubt)


def derive_image_files(inventories: Iterable[ImageInventory]) -> Iterator[Fact]:
    """Yield a fact ``ImageFile`` for each file that stands out."""
    for inventory in inventories:
        name = inventory.image.name
        owners = _users(inventory)
        for placed in inventory.files:
            file, use = placed.file, inventory.layers[placed.layer - 1]
            value = {
                "image": name,
                "path": f"/{file.path}",
                "kind": file.kind,
                "mode": f"{file.mode:04o}",
                "setuid": file.kind in ("file", "hardlink") and bool(file.mode & SETUID),
                "setgid": file.kind in ("file", "hardlink") and bool(file.mode & SETGID),
                "worldWritable": file.kind != "symlink" and bool(file.mode & WORLD_WRITABLE),
                "sticky": bool(file.mode & STICKY),
                "executable": bool(file.mode & 0o111),
                "uid": file.uid,
                "gid": file.gid,
                "owner": next((user["name"] for user in owners if user["uid"] == file.uid), ""),
                "size": file.size,
                "target": file.target,
                "capabilities": list(file.capabilities),
                "role": file.role,
                "layer": placed.layer,
                "imageLayer": use.layer.diff_id,
                "instruction": use.instruction,
                "inBase": use.in_base,
            }
            place = f"{name}!/{file.path}"
            ref = ResourceRef(API_VERSION, FILE, "", place)
            yield Fact(FILE, Resource(ref, value, ImageOrigin(place)), value, {})


def _image(inventory: ImageInventory, now: datetime, ends: Mapping[str, DistributionEnds]) -> dict[str, Any]:
    image, config, base = inventory.image, inventory.image.config, inventory.base
    users = _users(inventory)
    user = _user(config.user, users)
    roles: dict[str, list[str]] = {}
    for placed in inventory.files:
        if placed.file.role:
            roles.setdefault(placed.file.role, []).append(f"/{placed.file.path}")
    content = sum(use.content for use in inventory.layers)
    return {
        "name": image.name,
        "kind": inventory.kind,
        **_reference(inventory),
        "manifestDigest": image.digest,
        "configDigest": image.config_digest,
        "platform": str(image.platform),
        "created": image.created,
        "ageDays": _age(image.created, now),
        "today": now.date().isoformat(),
        "author": image.author,
        **user,
        "users": users,
        "env": [{"name": name, "value": value} for name, value in config.environment],
        "labels": dict(config.labels),
        "annotations": dict(image.annotations),
        "exposedPorts": exposed_ports(config),
        "volumes": list(config.volumes),
        "workingDir": config.working_directory,
        "entrypoint": list(config.entrypoint),
        "command": list(config.command),
        "stopSignal": config.stop_signal,
        "onBuild": list(config.on_build),
        "healthCheck": _health_check(config),
        "history": _history(image, base.steps),
        "buildArguments": _build_arguments(image),
        "layers": [_layer(use) for use in inventory.layers],
        "size": content,
        "wasted": sum(use.wasted for use in inventory.layers),
        "allRead": all(use.read for use in inventory.layers),
        "unverifiedSources": [
            {"path": f"/{source.path}", "line": source.line, "setting": source.setting}
            for path, text in sorted(inventory.texts.items())
            for source in parse_unverified(path, text)
        ],
        "leftovers": [
            {"owner": left.owner, "path": f"/{left.path}", "files": left.files, "bytes": left.bytes}
            for left in inventory.leftovers
        ],
        "packages": len(inventory.packages),
        "programs": len(inventory.programs),
        "roles": roles,
        "distro": _distro(inventory.distro or Distro(""), now, ends),
        "base": {
            "knownBy": base.known_by,
            "name": base.name,
            "digest": base.digest,
            "layers": base.layers,
            "created": base.created,
            "ageDays": _age(base.created, now),
        },
    }


def _distro(distro: Distro, now: datetime, ends: Mapping[str, DistributionEnds]) -> dict[str, Any]:
    over = ended(distro, now.date().isoformat(), ends) if distro.id else False
    return {
        "id": distro.id,
        "version": distro.version,
        "name": distro.name,
        "codename": distro.codename,
        "like": list(distro.like),
        "end": end_of(distro, ends) or "",
        "ended": over if over is not None else UNKNOWN,
    }


def _history(image: Image, base_steps: int) -> list[dict[str, Any]]:
    final = dict(image.config.environment)
    steps = []
    for index, step in enumerate(image.history):
        instruction = instruction_of(step.instruction)
        steps.append(
            {
                "instruction": instruction,
                "keyword": keyword_of(instruction),
                "created": step.created,
                "comment": step.comment,
                "empty": step.empty,
                "inBase": index < base_steps,
                "env": [
                    {"name": name, "value": value, "overridden": final.get(name) != value}
                    for name, value in environment_of(instruction)
                ],
            }
        )
    return steps


def _build_arguments(image: Image) -> list[dict[str, Any]]:
    """Return each build argument once: every step behind its ``ARG`` names it again."""
    values: dict[str, list[str]] = {}
    for step in image.history:
        for name, value in arguments_of(step.instruction):
            known = values.setdefault(name, [])
            if value and value not in known:
                known.append(value)
    return [{"name": name, "values": known} for name, known in values.items()]


def _layer(use: LayerUse) -> dict[str, Any]:
    return {
        "number": use.layer.number,
        "digest": use.layer.blob.digest,
        "diffId": use.layer.diff_id,
        "mediaType": use.layer.blob.media_type,
        "instruction": use.instruction,
        "keyword": keyword_of(use.instruction),
        "created": use.layer.step.created if use.layer.step is not None else "",
        "inBase": use.in_base,
        "read": use.read,
        "size": use.content,
        "files": use.files,
        "wasted": use.wasted,
        "wastedFiles": use.wasted_files,
        "wastedLargest": [f"/{path}" for path in use.largest],
    }


def _reference(inventory: ImageInventory) -> dict[str, str]:
    """Return the parts of an image's reference; all empty where it was not named by one but by a file."""
    name = inventory.image.name
    found = None if inventory.kind != "image" or name.startswith(_NO_REFERENCE) else _REFERENCE.match(name)
    if found is None:
        return dict.fromkeys(("registry", "repository", "tag", "digest"), "")
    registry, repository = found["registry"] or "", found["repository"]
    if registry and "." not in registry and ":" not in registry and registry != "localhost":
        registry, repository = "", f"{registry}/{repository}"
    return {
        "registry": registry or "docker.io",
        "repository": repository if registry or "/" in repository else f"library/{repository}",
        "tag": found["tag"] or ("" if found["digest"] else "latest"),
        "digest": found["digest"] or "",
    }


def _user(written: str, users: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the user that containers run as. `runsAsRoot` is ``unknown`` where a name is not in etc/passwd."""
    name, _, group = written.partition(":")
    numeric = name.isdigit()
    known = next((user for user in users if user["name"] == name), None)
    uid = int(name[:18]) if numeric else 0 if name in ("", "root") else known["uid"] if known is not None else -1
    return {
        "user": written,
        "userNumeric": numeric,
        "userId": uid,
        "group": group,
        "runsAsRoot": "unknown" if uid < 0 else "yes" if uid == 0 else "no",
    }


def _users(inventory: ImageInventory) -> list[dict[str, Any]]:
    """Return the entries of etc/passwd (passwd(5)); broken lines are passed over."""
    found = []
    for line in inventory.texts.get("etc/passwd", b"").decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isdigit() and fields[3].isdigit():
            found.append(
                {
                    "name": fields[0],
                    "uid": int(fields[2][:18]),
                    "gid": int(fields[3][:18]),
                    "home": fields[5],
                    "shell": fields[6],
                    "passwordless": not fields[1],
                }
            )
    return found


def exposed_ports(config: ImageConfig) -> list[dict[str, Any]]:
    """Return the exposed ports, each once; a range has one entry with both ends."""
    found = []
    for written in config.exposed_ports:
        port = _PORT.match(written)
        if port is not None:
            first = int(port[1])
            found.append({"port": first, "last": int(port[2] or first), "protocol": (port[3] or "tcp").lower()})
    return sorted(found, key=lambda entry: (entry["port"], entry["protocol"]))


def _health_check(config: ImageConfig) -> str:
    """Return ``set``, ``disabled`` or ``missing``."""
    if config.health_check is None or not config.health_check.test:
        return "missing"
    return "disabled" if config.health_check.test[0] == "NONE" else "set"


def _age(created: str, now: datetime) -> int:
    """Return the days since `created`, or -1 where it is not told, or told for reproducible builds (the epoch)."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return -1
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return -1 if moment.year <= 1980 else max(0, (now - moment).days)
