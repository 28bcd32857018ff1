"""Who issues a VEX document, and when: what both forms say of a document beside its statements."""

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

CATEGORIES: Final = ("coordinator", "discoverer", "other", "translator", "user", "vendor")
"""What a publisher is to the product: CSAF 2.0, section 3.2.1.8.1."""

NOT_SAID: Final = "No action was stated."
"""What is said of an affected product where nobody said more: both forms ask for a sentence."""


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """`author` says it `at` that time. `namespace` is a URL of the author, `category` one of `CATEGORIES`; CSAF needs both.

    A document is never changed: another one with a later time goes before it, and has another name, which is made from what
    it says.
    """

    at: datetime
    author: str
    namespace: str = ""
    category: str = "vendor"

    @property
    def time(self) -> str:
        """The time as RFC 3339."""
        return written_time(self.at)


def written_time(moment: datetime) -> str:
    """Return `moment` as RFC 3339."""
    return moment.isoformat().replace("+00:00", "Z")


def name_of(content: Any, issue: Issue) -> str:
    """Return a name that only this content has in this issue."""
    return sha256(msgspec.json.encode([content, issue.author, issue.namespace, issue.time])).hexdigest()
