"""Names of Python packages: how they are compared (PEP 503), and what a requirement names (PEP 508)."""

import re

_RUNS = re.compile(r"[-_.]+")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def comparable(name: str) -> str:
    """Return `name` as it is compared: lower case, runs of ``-_.`` as one dash."""
    return _RUNS.sub("-", name).lower()


def name_of(requirement: str) -> str:
    """Return the comparable name that a requirement begins with, or the empty string."""
    found = _NAME.match(requirement.strip())
    return comparable(found[0]) if found else ""
