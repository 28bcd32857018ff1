"""What the API server would answer, and why."""

from collections.abc import Mapping

import msgspec


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a policy has against a request.

    `index` is that of the validation, None where no single validation failed. `error`: it could not be evaluated, and
    ``failurePolicy: Fail`` made that a failure. `action` is Deny, Warn or Audit.
    """

    policy: str
    binding: str
    index: int | None
    message: str
    reason: str
    action: str
    error: bool = False


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be evaluated, whatever ``failurePolicy`` made of it.

    `undecided`: for want of knowledge here, so that the API server may well have an answer. `denies`: which could be a refusal.
    """

    policy: str
    binding: str
    index: int | None
    message: str
    undecided: bool = False
    denies: bool = False


class AdmissionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request.

    `allowed` is false also where an undecided problem could have denied: unknown is never a pass. `message`, `reason` and
    `code` are those of the refusal as the client sees it (empty, and 200, where it is allowed). `failures` are all that was
    found, though a refusal shows only the first.
    """

    allowed: bool
    message: str = ""
    reason: str = ""
    code: int = 200
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    audit_annotations: Mapping[str, str] = {}
    problems: tuple[Problem, ...] = ()
