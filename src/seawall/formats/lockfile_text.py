"""Bytes of a lockfile to plain values, in the three notations that lockfiles use, and the lines on which keys stand.

All raise `MalformedError` with the line. Lines are found by the form that the tools write (one key a line); a file that somebody
put on one line has all its packages on that line.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from seawall.formats.package_list import MalformedError, PackageList

MAX_BYTES = 32 * 1024 * 1024
"""Largest text that is read: three times the largest lockfiles and package databases, and a bound on memory."""

MAX_DOTTED = 10_000_000
"""A bound on dotted TOML keys: tomllib takes the square of their number of dots, and no lockfile has more than three."""

_BYTE = re.compile(r"\(byte (\d+)\)")
_LINE = re.compile(r"line (\d+)")


def refuse_large(data: bytes) -> None:
    """Raise `MalformedError` for a text of more than `MAX_BYTES`."""
    if len(data) > MAX_BYTES:
        raise MalformedError(f"is larger than {MAX_BYTES // 1024 // 1024} MB and is not read")


def decode_text(data: bytes) -> str:
    """Return the text of `data`; bytes that are no UTF-8 become U+FFFD, a byte order mark goes."""
    refuse_large(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def split_lines(data: bytes) -> list[str]:
    r"""Return the lines of `data` without their ends; only ``\n`` and ``\r\n`` end a line."""
    return [line.removesuffix("\r") for line in decode_text(data).split("\n")]


def decode_json(data: bytes) -> Any:
    """Return the value of a JSON text."""
    refuse_large(data)
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        found = _BYTE.search(str(error))
        line = body.count(b"\n", 0, int(found[1])) + 1 if found else 1 + body.count(b"\n")
        raise MalformedError(f"is no JSON: {_BYTE.sub('', str(error)).strip(' :')}", line) from error
    except UnicodeDecodeError as error:
        raise MalformedError("is no JSON: it is not UTF-8", body.count(b"\n", 0, error.start) + 1) from error


def decode_toml(data: bytes) -> dict[str, Any]:
    """Return the value of a TOML text."""
    import tomllib

    if sum(line.partition("=")[0].count(".") ** 2 for line in split_lines(data)) > MAX_DOTTED:
        raise MalformedError("has keys of thousands of parts, which is no lockfile's way")
    try:
        return tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode())
    except UnicodeDecodeError as error:
        raise MalformedError("is no TOML: it is not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    except ValueError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else 1 + data.count(b"\n")
        raise MalformedError(f"is no TOML: {str(error).partition(' (at ')[0]}", line) from error


def decode_yaml(packages: PackageList, data: bytes) -> list[Any]:
    """Return the documents of a YAML text; what cannot be read is a problem of `packages`."""
    from seawall.formats.kubernetes_yaml import parse

    refuse_large(data)
    parsed = parse(packages.path, data)
    for problem in parsed.unscanned:
        _, _, line = problem.path.removeprefix(packages.path).rpartition(":")
        packages.refuse(problem.reason, int(line) if line.isdigit() else 0)
    return [document.value for document in parsed.documents]


def json_key_lines(data: bytes) -> dict[str, int]:
    """Return the line of each object key that opens an object or a list at the start of a line, the first one of its name."""
    return key_lines(data, opens=("{", "["))


def key_lines(data: bytes, *, opens: tuple[str, ...] = ()) -> dict[str, int]:
    """Return the first line on which each key stands: ``key:``, ``"key":`` or ``'key':``, at any depth.

    `opens`: only keys whose line ends so.
    """
    found: dict[str, int] = {}
    for number, line in enumerate(split_lines(data), 1):
        stripped = line.strip()
        if opens and not stripped.endswith(opens):
            continue
        if stripped[:1] in "\"'" and stripped:
            end = stripped.find(stripped[0], 1)
            key = stripped[1:end] if end > 0 and stripped[end + 1 : end + 2] == ":" else ""
        elif stripped.endswith(":"):
            key = stripped[:-1]
        else:
            key = stripped.partition(": ")[0]
        if key:
            found.setdefault(key, number)
    return found


def lines_of(data: bytes, header: str, count: int) -> Iterator[int]:
    """Yield `count` numbers: the lines that are `header` (such as ``[[package]]``), and 0 when there are no more."""
    lines = (number for number, line in enumerate(split_lines(data), 1) if line.strip() == header)
    for _ in range(count):
        yield next(lines, 0)


def value_lines(data: bytes, key: str) -> dict[str, int]:
    """Return the first line on which ``"key": "value"`` (JSON) or ``key = "value"`` (TOML) gives each value."""
    found: dict[str, int] = {}
    starts = (f'"{key}":', f"{key} =")
    for number, line in enumerate(split_lines(data), 1):
        stripped = line.strip()
        if stripped.startswith(starts):
            value = stripped.partition("=" if stripped[0] != '"' else ":")[2].strip(' ,"')
            found.setdefault(value, number)
    return found
