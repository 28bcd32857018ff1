"""VEX statements: what somebody who knows a product says of a vulnerability in it. The words are OpenVEX's and CSAF's."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from seawall.model.resource import Unscanned


class VexStatus(StrEnum):
    """What is the case. The first two end the matter; with the other two the vulnerability counts."""

    NOT_AFFECTED = "not_affected"
    FIXED = "fixed"
    AFFECTED = "affected"
    UNDER_INVESTIGATION = "under_investigation"


class Justification(StrEnum):
    """Why a product is not affected."""

    COMPONENT_NOT_PRESENT = "component_not_present"
    VULNERABLE_CODE_NOT_PRESENT = "vulnerable_code_not_present"
    VULNERABLE_CODE_NOT_IN_EXECUTE_PATH = "vulnerable_code_not_in_execute_path"
    VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY = "vulnerable_code_cannot_be_controlled_by_adversary"
    INLINE_MITIGATIONS_ALREADY_EXIST = "inline_mitigations_already_exist"


class VexProduct(msgspec.Struct, frozen=True, order=True):
    """A product by its purl, which may leave out version and qualifiers and then means all of them.

    With `subcomponents` (purls) the statement is about those as parts of the product, else about the product itself.
    """

    purl: str
    subcomponents: tuple[str, ...] = ()


class VexStatement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. `vulnerability` and `aliases` are names of the flaw; `place` is the file and the statement in it.

    A statement that is ``not_affected`` has a `justification` or an `impact`, a sentence that says why.
    """

    vulnerability: str
    status: VexStatus
    products: tuple[VexProduct, ...]
    timestamp: datetime
    aliases: tuple[str, ...] = ()
    justification: Justification | None = None
    impact: str = ""
    action: str = ""
    author: str = ""
    place: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the flaw, the first one first."""
        return (self.vulnerability, *self.aliases)


class ParsedVex(msgspec.Struct, frozen=True):
    """What a file says: the statements that hold, and which were refused and why."""

    statements: Sequence[VexStatement] = ()
    unscanned: Sequence[Unscanned] = ()
