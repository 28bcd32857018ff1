"""What every version order says when it cannot tell."""


class VersionError(ValueError):
    """The text is no version of its ecosystem, or the ecosystem's order is not known; the message says which."""
