"""What a Java archive without Maven's files is: from its manifest and its name, without guessing a group."""

import msgspec


class Coordinates(msgspec.Struct, frozen=True):
    """A Maven module as far as it is known; empty parts are not."""

    group: str
    artifact: str
    version: str
    licences: tuple[str, ...] = ()


def from_manifest(path: str, fields: dict[str, str]) -> Coordinates:
    """Return what the archive at `path` is, whose manifest has `fields` (keys in lower case).

    The name ``artifact-1.2.3.jar`` is how build tools write it, and the manifest says which part is the version. A group counts
    when it is stated: ``Implementation-Vendor-Id``, or a ``Bundle-SymbolicName`` that ends with the artifact
    (``org.apache.commons.lang3`` does not, ``com.google.guava.guava`` does).
    """
    file = path.rpartition("!/")[2].rpartition("/")[2]
    stem = file.rpartition(".")[0] or file
    artifact, version = split_name(stem)
    stated = (
        fields.get("implementation-version")
        or fields.get("bundle-version")
        or fields.get("specification-version")
        or ""
    )
    if not version and stated:
        # A file whose name has no version: tomcat's bootstrap.jar. The manifest knows which one it is.
        version = stated.partition(" ")[0].strip('"')
    symbolic = fields.get("bundle-symbolicname", "").partition(";")[0].strip()
    group = fields.get("implementation-vendor-id", "")
    if not group and artifact and symbolic.endswith(f".{artifact}"):
        group = symbolic.removesuffix(f".{artifact}")
    if not version and not stated:
        artifact = ""
    licence = fields.get("bundle-license", "").partition(",")[0].partition(";")[0].strip()
    return Coordinates(group, artifact, version, (licence,) if licence else ())


def split_name(stem: str) -> tuple[str, str]:
    """Return artifact and version of ``artifact-version``: the version begins at the first dash that a digit follows.

    ``log4j-1.2-api-2.17.1`` shows that it is not so easy: there the last such dash counts, unless what follows the first is one
    version with a qualifier (``guava-31.1-jre``).
    """
    dashes = [at for at in range(len(stem) - 1) if stem[at] == "-" and stem[at + 1].isdigit()]
    for at in dashes:
        rest = stem[at + 1 :]
        if not any(part[:1].isdigit() and "." in part for part in rest.split("-")[1:]):
            return stem[:at], rest
    return (stem[: dashes[0]], stem[dashes[0] + 1 :]) if dashes else (stem, "")
