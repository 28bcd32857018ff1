"""``seawall.yaml`` as bytes -> `Configuration`, with the line of everything that is wrong in it.

The file is read as Kubernetes reads YAML, since the same text is the cluster's object. What it does not know is refused with
the name that was probably meant.
"""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_yaml import Document
from seawall.formats.suppression_text import parse_field_glob
from seawall.model.configuration import API_VERSION, KIND, Configuration, SuppressionEntry
from seawall.model.errors import UsageError
from seawall.model.field_path import FieldPath, parse_field_path, value_at
from seawall.model.resource import Resource

LATER = ("trustPolicies", "trustRoots", "vulnerabilities", "notify", "remediation")
"""Keys of the design that this version cannot act on: named, so that the refusal says so."""

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?\Z", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`\Z", re.DOTALL)


class ConfigurationFile(msgspec.Struct, frozen=True, eq=False):
    """A configuration and the object that it was read from, which can say where each of its fields stands."""

    configuration: Configuration
    resource: Resource

    def place(self, field: FieldPath) -> str:
        """Return ``path:line`` of `field`."""
        location = self.resource.locate(field).location
        return f"{location.path}:{location.line}"


def parse(path: str, data: bytes) -> ConfigurationFile:
    """Return the configuration in `data`. Raises `UsageError` with ``path:line`` and what is expected there."""
    parsed = kubernetes_yaml.parse(path, data)
    if parsed.unscanned:
        raise UsageError(parsed.unscanned[0].reason, place=parsed.unscanned[0].path)
    documents = [document for document in parsed.documents if document.value is not None]
    if len(documents) != 1:
        raise UsageError(
            f"a configuration is one document, and there are {len(documents)}",
            place=path,
            remedy=f"start with apiVersion: {API_VERSION} and kind: {KIND}",
        )
    document = documents[0]
    _check_head(path, document)
    (resource,) = kubernetes_yaml.resources(document)
    try:
        configuration = msgspec.convert(resource.object, Configuration)
    except msgspec.ValidationError as error:
        raise _explain(error, document) from None
    result = ConfigurationFile(configuration, resource)
    _check_fields(result)
    _check_registries(result)
    return result


def _check_head(path: str, document: Document) -> None:
    value = document.value if isinstance(document.value, dict) else {}
    for key, expected in (("apiVersion", API_VERSION), ("kind", KIND)):
        if value.get(key) != expected:
            found = f"{key} is {value[key]!r}" if key in value else f"{key} is missing"
            line = document.locate((key,)).location.line
            raise UsageError(
                f"{found}, and this version reads {expected}",
                place=f"{path}:{line}",
                remedy=f"start with apiVersion: {API_VERSION} and kind: {KIND}",
            )


def _check_fields(file: ConfigurationFile) -> None:
    for index, entry in enumerate(file.configuration.suppressions):
        if entry.justification is not None:
            _check_justification(file, index, entry)
        texts = [entry.field] if isinstance(entry.field, str) else entry.field
        for text in texts:
            try:
                parse_field_glob(text)
            except ValueError as error:
                raise UsageError(
                    f"field {text!r} is no field path: {error}",
                    place=file.place(("suppressions", index, "field")),
                    remedy="write it like spec.template.spec.containers[*].securityContext.privileged",
                ) from None


def _check_justification(file: ConfigurationFile, index: int, entry: SuppressionEntry) -> None:
    """Refuse a justification of flaws that nobody has looked at: those that a glob, or nothing, names."""
    named = [entry.vulnerability] if isinstance(entry.vulnerability, str) else entry.vulnerability
    if named and not any(character in name for name in named for character in "*?["):
        return
    raise UsageError(
        "a justification is about flaws that somebody looked at, and this entry names none by its whole name",
        place=file.place(("suppressions", index, "justification")),
        remedy="name them under vulnerability, like CVE-2020-1747, without globs",
    )


def _check_registries(file: ConfigurationFile) -> None:
    registries = file.configuration.registries
    if not registries.mirrors and not registries.insecure:
        return
    from seawall.formats.image_reference import is_host, is_mirror  # its grammar takes a millisecond to compile

    for host, mirrors in registries.mirrors.items():
        if not is_host(host):
            _refuse_registry(file, ("registries", "mirrors", host), f"{host!r} is no registry's host")
        for index, mirror in enumerate(mirrors):
            if not is_mirror(mirror):
                _refuse_registry(file, ("registries", "mirrors", host, index), f"{mirror!r} is no mirror")
    for index, host in enumerate(registries.insecure):
        if not is_host(host):
            _refuse_registry(file, ("registries", "insecure", index), f"{host!r} is no registry's host")


def _refuse_registry(file: ConfigurationFile, field: FieldPath, problem: str) -> NoReturn:
    raise UsageError(
        problem,
        place=file.place(field),
        remedy="write hosts like registry.example:5000, and mirrors like mirror.example or mirror.example/hub",
    )


def _explain(error: msgspec.ValidationError, document: Document) -> UsageError:
    match = _MESSAGE.match(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    field = _field_path(path, document.value)
    unknown, missing = _UNKNOWN.match(what), _MISSING.match(what)
    remedy = ""
    if unknown:
        from difflib import get_close_matches  # only for the message: start-up time

        name = unknown["name"]
        known = list(_schema_at(field).get("properties", {}))
        field = (*field, name)
        what = f"there is no key {name!r} here"
        close = get_close_matches(name, known, n=1)
        if name in LATER:
            what = f"{name} is not supported in this version, and what is not enforced is not accepted"
            remedy = "take it out"
        else:
            remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    elif missing:
        what = f"{missing['name']} is missing"
        remedy = "say why it is suppressed" if missing["name"] == "reason" else ""
    elif what.startswith("Expected `str` matching"):
        what, remedy = "the reason is empty", "say why it is suppressed"
    else:
        what = what[:1].lower() + what[1:]
        if field and field[-1] == "expires":
            remedy = "a date like 2026-12-31"
        elif words := _schema_at(field).get("enum"):
            remedy = f"one of {', '.join(words)}"
    location = document.locate(field).location
    where = f"{location.path}:{location.line}"
    label = path.removeprefix(".")
    return UsageError(f"{label}: {what}" if label else what, place=where, remedy=remedy)


def _field_path(path: str, value: Any) -> FieldPath:
    """Return what msgspec's `path` names. Keys of a map are ``[...]`` in it: the only key where there is one."""
    steps: FieldPath = ()
    for piece in re.findall(r"\[\.\.\.\]|\[\d+\]|\.[^.\[]+", path):
        if piece != "[...]":
            steps += parse_field_path(piece)
            continue
        inner = value_at(value, steps)
        if not isinstance(inner, Mapping) or len(inner) != 1:
            break
        steps += (next(iter(inner)),)
    return steps


def _schema_at(field: FieldPath) -> Mapping[str, Any]:
    """Return the JSON Schema of what may stand at `field`."""
    schema = msgspec.json.schema(Configuration)
    definitions = schema["$defs"]

    def resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
        for option in node.get("anyOf", (node,)):
            if "$ref" in option:
                found: Mapping[str, Any] = definitions[option["$ref"].rpartition("/")[2]]
                return found
        return node

    node = resolve(schema)
    for step in field:
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        node = resolve(inner if inner is not None else node.get("additionalProperties") or {})
    return node
