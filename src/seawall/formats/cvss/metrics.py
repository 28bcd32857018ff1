"""The metrics of a CVSS vector: ``AV:N/AC:L`` as a map, checked against those of the version."""

from collections.abc import Collection, Mapping


class CvssError(ValueError):
    """The text is no CVSS vector of its version; the message says why."""


def read_metrics(body: str, known: Mapping[str, str], mandatory: Collection[str]) -> dict[str, str]:
    """Return metric -> value. `known` gives each metric's values, separated by spaces. Raises `CvssError`."""
    metrics: dict[str, str] = {}
    for part in body.split("/"):
        name, colon, value = part.partition(":")
        if not colon or name not in known or value not in known[name].split():
            raise CvssError(f"{part[:40]!r} is no metric of this version of CVSS")
        if name in metrics:
            raise CvssError(f"the metric {name} stands there twice")
        metrics[name] = value
    if missing := [name for name in mandatory if name not in metrics]:
        raise CvssError(f"the metric {missing[0]} is missing")
    return metrics
