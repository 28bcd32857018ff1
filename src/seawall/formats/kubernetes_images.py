"""The default of ``imagePullPolicy``, which depends on the image's tag.

Source: k8s.io/kubernetes pkg/util/parsers/parsers.go over the grammar of github.com/distribution/reference.
"""

from typing import Any

from seawall.formats.image_reference import IDENTIFIER, REFERENCE


def default_pull_policy(image: Any) -> str:
    """Return the pull policy of an image that has none: ``Always`` for the tag ``latest``, written or meant.

    An image that is no reference has no tag, and so ``IfNotPresent``.
    """
    found = REFERENCE.match(image) if isinstance(image, str) and not IDENTIFIER.match(image) else None
    if found is None:
        return "IfNotPresent"
    tag = found["tag"] or ("" if found["digest"] else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"
