"""What the API server says of a decision, word for word.

Source: k8s.io/apiserver pkg/admission/plugin/policy/validating/{dispatcher,validator}.go, pkg/admission/errors.go and
apimachinery pkg/api/errors (NewForbidden).
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from seawall.formats.admission_review import AdmissionRequest

MESSAGE_BYTES: Final = 5 * 1024
"""The longest text of a messageExpression that counts (celconfig.MaxEvaluatedMessageExpressionSizeBytes)."""

ANNOTATION_BYTES: Final = 10 * 1024
"""Where the API server cuts an audit annotation."""

FAILURE_ANNOTATION: Final = "validation.policy.admission.k8s.io/validation_failure"

# What Go's strings.TrimSpace removes; Python's own strip() takes four control characters more.
_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

_CODES: Final = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413, "Invalid": 422}


def trim(text: str) -> str:
    """Return `text` without the white space around it, as Go's ``strings.TrimSpace``."""
    return text.strip(_SPACE)


def failure_message(expression: str, message: str, evaluated: Any) -> str:
    """Return what a false validation says.

    `evaluated` is the value of its messageExpression (None where it has none, or failed). It counts when it is a text of one line
    that is neither blank nor too long; next comes `message`, and last the expression itself.
    """
    if isinstance(evaluated, str):
        text = trim(evaluated)
        if text and "\n" not in text and len(text.encode("utf-8", "surrogatepass")) <= MESSAGE_BYTES:
            return text
    return trim(message) or f"failed expression: {trim(expression)}"


def evaluation_error(expression: str, error: Exception) -> str:
    """Return what an expression that cannot be evaluated says."""
    return f"expression '{expression}' resulted in error: {error}"


def warning(policy: str, binding: str, message: str) -> str:
    """Return the warning of the validation action ``Warn``."""
    return f"Validation failed for ValidatingAdmissionPolicy '{policy}' with binding '{binding}': {message}"


def denial(request: AdmissionRequest, policy: str, binding: str, message: str) -> str:
    """Return the message of the refusal as the client sees it; `binding` is empty where the policy itself failed."""
    resource = (request.request_resource or request.resource).name
    name = request.name or _name_of(request)
    return f'{resource} "{name}" is forbidden: {denied(policy, binding, message)}'


def denied(policy: str, binding: str, message: str) -> str:
    """Return what one policy refuses a request for; `binding` is empty where the policy itself failed."""
    bound = f" with binding '{binding}'" if binding else ""
    return f"ValidatingAdmissionPolicy '{policy}'{bound} denied request: {message}"


def _name_of(request: AdmissionRequest) -> str:
    if request.object is None:
        return "Unknown"
    metadata = request.object.get("metadata")
    if not isinstance(metadata, dict):
        return "Unknown/errorGettingName" if request.operation == "CONNECT" else "Unknown"
    return metadata.get("name") or metadata.get("generateName") or "Unknown"


def status_code(reason: str) -> int:
    """Return the HTTP status of a refusal for `reason`."""
    return _CODES.get(reason, 422)


def failure_annotation(*, message: str, policy: str, binding: str, index: int, actions: Sequence[str]) -> str:
    """Return the value of `FAILURE_ANNOTATION` for one failure, as Go writes JSON."""
    value = {
        "message": message,
        "policy": policy,
        "binding": binding,
        "expressionIndex": index,
        "validationActions": list(actions),
    }
    text = json.dumps([value], separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def cut_annotation(text: str) -> str:
    """Return `text` as far as an audit annotation may be long."""
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= ANNOTATION_BYTES else data[:ANNOTATION_BYTES].decode("utf-8", "replace")


def aggregate(errors: Sequence[str]) -> str:
    """Return several errors as one text, as apimachinery's ``utilerrors.Aggregate``: each once, in brackets."""
    different = list(dict.fromkeys(errors))
    return different[0] if len(different) == 1 else f"[{', '.join(different)}]"
