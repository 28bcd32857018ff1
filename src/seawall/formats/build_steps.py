"""The history of an image as Dockerfile instructions: how builders write ``created_by``, and what people wrote.

Docker's first builder wrote ``/bin/sh -c #(nop) CMD ["bash"]`` and ``/bin/sh -c apt-get update``, BuildKit writes
``RUN /bin/sh -c apt-get update # buildkit`` and ``CMD ["bash"]``; build arguments stand as ``|1 KEY=value`` in between.
Buildah, Kaniko and podman write one of the two.
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
_SHELL = re.compile(r"(?:RUN\s+)?(?:\|\d+\s.*?)??/bin/(?:ba)?sh -c\s+", re.DOTALL)
_BUILDKIT = re.compile(r"\s*# buildkit\s*\Z")


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
