"""The history of an image as Dockerfile instructions: how builders write ``created_by``, and what people wrote.

Docker's first builder wrote ``/bin/sh -c #(nop) CMD ["bash"]`` and ``/bin/sh -c apt-get update``, BuildKit writes
``RUN /bin/sh -c apt-get update # buildkit`` and ``CMD ["bash"]``; the values of build arguments stand as ``|1 KEY=value`` in
between. Buildah, Kaniko and podman write one of the two. No builder quotes the values of ``ENV`` and of arguments, so one with
`` NAME=`` in it reads as two.
"""

import re
from typing import Final

KEYWORDS: Final = frozenset(
    (
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    )
)
_NO_OPERATION = re.compile(r"/bin/sh -c #\(nop\)\s*")
_SHELL = re.compile(
    r"(?:RUN\s+)?(?:\|\d+\s(?P<arguments>.*?))??(?:/usr)?/bin/(?:ba|da|a)?sh(?:\s+-[a-z]+(?:\s+pipefail)?)*?\s+-[a-z]*c\s+",
    re.DOTALL,
)
_BUILDKIT = re.compile(r"\s*# buildkit\s*\Z")
_NEXT_NAME = re.compile(r"(?:\A|(?<!\s)\s+)(?=[A-Za-z_]\w*=)")
_ARGUMENT = re.compile(r"ARG\s+([A-Za-z_]\w*)(?:=(.*))?\Z", re.DOTALL)

HIDDEN: Final = "***"
CREDENTIAL_NAME: Final = r"(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:private|api|access|auth)[_-]?key)"
_HIDE = (
    re.compile(
        rf"(?i)(?P<before>(?<!\w)\w{{0,64}}{CREDENTIAL_NAME}(?:_\w{{1,64}})?=(?!=))(?:\"[^\"]*\"|'[^']*'|[^\s;&|]+)"
    ),
    re.compile(rf"(?i)(?P<before>\s--(?:[\w-]{{1,64}}-)?{CREDENTIAL_NAME}(?:=|\s+))(?:\"[^\"]*\"|'[^']*'|[^\s;&|]+)"),
    re.compile(r"(?P<before>://[^\s/:@]*:)[^\s/@]+(?=@)"),
    re.compile(r"(?P<before>\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]+:)[^\s\"'$]+"),
    re.compile(r"(?i)(?P<before>authorization:\s*(?:bearer|basic|token)\s+)[^\s\"']+"),
    # Long words of letters and digits mixed, which digests in hexadecimal are not: that is how tokens look.
    re.compile(r"(?P<before>(?<![\w/+-]))(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{32,}"),
)


def instruction_of(created_by: str) -> str:
    """Return the instruction as a Dockerfile has it, ``RUN apt-get update``; what follows no known form stays as it is."""
    text = _BUILDKIT.sub("", created_by.strip())
    found = _NO_OPERATION.match(text)
    if found:
        return text[found.end() :].strip()
    found = _SHELL.match(text)
    return f"RUN {text[found.end() :].strip()}" if found else text


def keyword_of(instruction: str) -> str:
    """Return the keyword that `instruction` begins with, or nothing."""
    word = instruction.partition(" ")[0]
    return word if word in KEYWORDS else ""


def arguments_of(created_by: str) -> tuple[tuple[str, str], ...]:
    """Return the build arguments that the step names, with their values; empty where an ``ARG`` has none."""
    text = _BUILDKIT.sub("", created_by.strip())
    found = _SHELL.match(text) if "|" in text else None
    if found:
        return _pairs(found["arguments"] or "")
    declared = _ARGUMENT.match(instruction_of(created_by))
    return ((declared[1], declared[2] or ""),) if declared else ()


def environment_of(instruction: str) -> tuple[tuple[str, str], ...]:
    """Return the variables that an ``ENV`` step sets, nothing for other steps."""
    keyword, _, rest = instruction.partition(" ")
    return _pairs(rest) if keyword == "ENV" else ()


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in _NEXT_NAME.split(text.strip()) if "=" in part)
    return tuple((name, value.strip()) for name, _, value in pairs)


def hide_secrets(instruction: str) -> str:
    """Return `instruction` as it may be shown: what is given to a name like ``API_TOKEN``, passwords in addresses, and what looks
    like a token are replaced by `HIDDEN`."""
    for pattern in _HIDE:
        instruction = pattern.sub(rf"\g<before>{HIDDEN}", instruction)
    return instruction
