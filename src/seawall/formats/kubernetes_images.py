"""The default of ``imagePullPolicy``, which depends on the image's tag.

Source: k8s.io/kubernetes pkg/util/parsers/parsers.go over the grammar of github.com/distribution/reference.
"""

import re
from typing import Any, Final

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REFERENCE = re.compile(
    rf"(?:(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?{_PART}(?:/{_PART})*"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?P<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?\Z",
    re.ASCII,
)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}\Z")


def default_pull_policy(image: Any) -> str:
    """Return the pull policy of an image that has none: ``Always`` for the tag ``latest``, written or meant.

    An image that is no reference has no tag, and so ``IfNotPresent``.
    """
    found = _REFERENCE.match(image) if isinstance(image, str) and not _IDENTIFIER.match(image) else None
    if found is None:
        return "IfNotPresent"
    tag = found["tag"] or ("" if found["digest"] else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"
