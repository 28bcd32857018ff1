"""One component of an SBOM of any format and tool, and the package that it is.

Syft and Trivy say in properties of their own what no format has a field for; what each calls it stands here and nowhere else.
"""

from collections.abc import Mapping

import msgspec

from seawall.formats.package_list import MAX_TEXT
from seawall.formats.packages.distributions import ecosystem_of
from seawall.formats.purl import Purl, PurlError, make, parse
from seawall.formats.sbom import names
from seawall.formats.sbom.purls import DISTRIBUTED, describe_purl, distro_of
from seawall.model.package import Distro, Package

_LAYER = (names.LAYER, "syft:location:0:layerID", "aquasecurity:trivy:LayerDiffID")
_FILE = (names.FILE, "aquasecurity:trivy:FilePath", "syft:location:0:path")
_SOURCE_NAME = (names.SOURCE_NAME, "aquasecurity:trivy:SrcName", "syft:metadata:source", "syft:metadata:originPackage")
_SOURCE_VERSION = (names.SOURCE_VERSION, "syft:metadata:sourceVersion")
_SOURCE_RPM = "syft:metadata:sourceRpm"
_TRIVY = "aquasecurity:trivy:"
_JOINED = {"maven": ":", "vscode-extension": "."}
"""What stands between namespace and name where that is no slash."""
_DROPPED = frozenset(("upstream", "package-id"))
"""Qualifiers that say something else than which package it is."""


class Component(msgspec.Struct, kw_only=True):
    """What an SBOM says of one thing, in no format's words. `line` is where the SBOM says it, `file_line` where the file does."""

    ref: str
    kind: str = "library"
    purl: str = ""
    name: str = ""
    description: str = ""
    version: str = ""
    licences: tuple[str, ...] = ()
    scope: str = ""
    file: str = ""
    file_line: int = 0
    line: int = 0
    properties: Mapping[str, str] = {}

    def first(self, keys: tuple[str, ...]) -> str:
        """Return the value of the first of the properties `keys` that is there, or nothing."""
        return next((value for key in keys if (value := self.properties.get(key))), "")

    def place(self) -> str:
        """Return the file inside the target that names it, without a slash in front."""
        return (self.file or self.first(_FILE)).lstrip("/")


def package_of(component: Component, sbom: str, system: Distro | None, *, ours: bool = False) -> Package:
    """Return the package that `component` of the SBOM at the path `sbom` is. `system` is the distribution that the SBOM names.

    `ours`: Seawall wrote it, and left nothing out that would have to be concluded. Raises `PurlError` where its purl is none.
    """
    if max(len(component.name), len(component.version)) > MAX_TEXT:
        raise PurlError(f"its name or version is longer than {MAX_TEXT:,} characters")
    read = parse(component.purl)
    version = _version(component.version or read.version, read)
    purl = read if ours else _canonical(read, version, _distro(component, read, system))
    told = describe_purl(purl)
    source_name, source_version = _stated_source(component) if ours else _source(component, read, version)
    file = component.place()
    return Package(
        purl=str(purl),
        name=_name(component.name, read),
        version=version,
        ecosystem=component.properties.get(names.ECOSYSTEM, told.ecosystem),
        distro=component.properties.get(names.DISTRO, told.distro),
        source_name=source_name,
        source_version=source_version,
        architecture=component.properties.get(names.ARCHITECTURE, told.architecture),
        licences=tuple(dict.fromkeys(text for text in component.licences if len(text) <= MAX_TEXT)),
        path=f"{sbom}!/{file}" if file else sbom,
        line=component.file_line if file else component.line,
        image_layer=component.first(_LAYER),
        instruction=component.properties.get(names.INSTRUCTION, ""),
        scope=component.properties.get(names.SCOPE, component.scope),
    )


def _distro(component: Component, purl: Purl, system: Distro | None) -> Distro | None:
    if purl.type not in DISTRIBUTED:
        return None
    return distro_of(dict(purl.qualifiers).get("distro", ""), purl.namespace) or system


def _canonical(purl: Purl, version: str, distro: Distro | None) -> Purl:
    """Return `purl` as Seawall writes the same package's: the distribution by its release, and nothing of the source package."""
    qualifiers = {key: value for key, value in purl.qualifiers if key not in _DROPPED}
    if distro is not None and (ecosystem_of(distro) or "distro" not in qualifiers):
        qualifiers["distro"] = distro.key.replace(":", "-")
    known = purl.version or (version.rpartition(":")[2] if purl.type == "rpm" else version)
    if known == purl.version and tuple(qualifiers.items()) == purl.qualifiers:
        return purl
    return make(purl.type, purl.namespace, purl.name, known, qualifiers, purl.subpath)


def _version(written: str, purl: Purl) -> str:
    epoch = dict(purl.qualifiers).get("epoch", "") if purl.type == "rpm" else ""
    return f"{epoch}:{written}" if epoch not in ("", "0") and written and ":" not in written else written


def _name(written: str, purl: Purl) -> str:
    """Return the name as the ecosystem writes it: the SBOM's own spelling where it is the purl's name in other letters."""
    if purl.type in DISTRIBUTED or not purl.namespace:
        whole = purl.name
    else:
        whole = f"{purl.namespace}{_JOINED.get(purl.type, '/')}{purl.name}"
    return written if written.lower() == whole.lower() or _is_spelling(written, purl) else whole


def _is_spelling(written: str, purl: Purl) -> bool:
    """Tell whether the purl's own rules make its name of `written`: ``Ruamel.Yaml`` is PyPI's ``ruamel-yaml``."""
    try:
        return not purl.namespace and make(purl.type, "", written).name == purl.name
    except (PurlError, UnicodeEncodeError):
        return False


def _stated_source(component: Component) -> tuple[str, str]:
    return component.first(_SOURCE_NAME), component.first(_SOURCE_VERSION)


def _source(component: Component, purl: Purl, version: str) -> tuple[str, str]:
    """Return name and version of the source package; for a distribution's package that says nothing they are its own."""
    name, source_version = _stated_source(component)
    if purl.type not in DISTRIBUTED:
        return name, source_version
    upstream = dict(purl.qualifiers).get("upstream", "")
    rpm = component.properties.get(_SOURCE_RPM) or (upstream if upstream.endswith(".src.rpm") else "")
    if rpm and not name:
        name, source_version = _of_source_rpm(rpm, version)
    elif upstream and not name:
        name, _, source_version = upstream.partition("@")
    if not source_version:
        source_version = _trivy_version(component.properties)
    return name or purl.name, source_version or version


def _of_source_rpm(file: str, version: str) -> tuple[str, str]:
    parts = file.removesuffix(".src.rpm").rsplit("-", 2)
    if len(parts) != 3:
        return "", ""
    epoch, colon, _ = version.rpartition(":")
    return parts[0], f"{epoch}{colon}{parts[1]}-{parts[2]}"


def _trivy_version(properties: Mapping[str, str]) -> str:
    version = properties.get(f"{_TRIVY}SrcVersion", "")
    release, epoch = properties.get(f"{_TRIVY}SrcRelease", ""), properties.get(f"{_TRIVY}SrcEpoch", "")
    if version and release:
        version = f"{version}-{release}"
    return f"{epoch}:{version}" if version and epoch not in ("", "0") else version
