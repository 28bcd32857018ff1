"""``admission.k8s.io/v1`` AdmissionReview: a request in, an answer out.

    request = read_review(data, path="review.json")
    answer = write_answer(request.uid, allowed=False, message="no", code=422)

Source: k8s.io/api/admission/v1. ``v1beta1``, which no supported Kubernetes sends, is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from seawall.model.errors import SourceError

API_VERSION: Final = "admission.k8s.io/v1"


class GroupVersionKind(msgspec.Struct, frozen=True):
    """The kind of an object; the core group is the empty text."""

    group: str
    version: str
    kind: str

    def __str__(self) -> str:
        return f"{self.group}/{self.version}, Kind={self.kind}"

    @property
    def api_version(self) -> str:
        """As ``apiVersion`` writes it."""
        return f"{self.group}/{self.version}" if self.group else self.version


class GroupVersionResource(msgspec.Struct, frozen=True):
    """The plural name under which the API server serves a kind."""

    group: str
    version: str
    resource: str

    def __str__(self) -> str:
        return f"{self.group}/{self.version}, Resource={self.resource}"

    @property
    def name(self) -> str:
        """Resource and group as messages write them: ``pods``, ``deployments.apps``."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


class AdmissionRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One request as the API server describes it.

    `kind` and `resource` are those of `object`; `request_kind` and `request_resource` are what the user asked for, the same
    where they are absent. Names, namespace and subresources are empty where there is none. `object` is None for DELETE,
    `old_object` for CREATE. `user_info` None: nobody knows who asks.
    """

    uid: str = ""
    kind: GroupVersionKind
    resource: GroupVersionResource
    sub_resource: str = ""
    request_kind: GroupVersionKind | None = None
    request_resource: GroupVersionResource | None = None
    request_sub_resource: str = ""
    name: str = ""
    namespace: str = ""
    operation: str
    user_info: dict[str, Any] | None = {}
    object: dict[str, Any] | None = None
    old_object: dict[str, Any] | None = None
    dry_run: bool | None = None
    options: dict[str, Any] | None = None


class _Review(msgspec.Struct, rename="camel"):
    api_version: str
    kind: str
    request: AdmissionRequest


_decoder = msgspec.json.Decoder(_Review)


def read_review(data: bytes, *, path: str) -> AdmissionRequest:
    """Return the request of the JSON AdmissionReview in `data`. Raises `SourceError` that names `path` and the field."""
    try:
        review = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(
            f"not an AdmissionReview with a request: {error}", place=path, remedy=f"apiVersion {API_VERSION}, as JSON"
        ) from None
    if (review.api_version, review.kind) != (API_VERSION, "AdmissionReview"):
        raise SourceError(
            f"{review.api_version} {review.kind} is not an AdmissionReview of {API_VERSION}",
            place=path,
            remedy=f"register the webhook with admissionReviewVersions: [v1]; a file says apiVersion: {API_VERSION}",
        )
    return review.request


def write_answer(
    uid: str,
    *,
    allowed: bool,
    message: str = "",
    code: int = 0,
    reason: str = "",
    warnings: Sequence[str] = (),
    audit_annotations: Mapping[str, str] | None = None,
) -> bytes:
    """Return the AdmissionReview that answers the request `uid`, as JSON."""
    response: dict[str, Any] = {"uid": uid, "allowed": allowed}
    if message:
        status = {"message": message, "code": code, "reason": reason}
        response["status"] = {name: value for name, value in status.items() if value}
    if warnings:
        response["warnings"] = list(warnings)
    if audit_annotations:
        response["auditAnnotations"] = dict(audit_annotations)
    return msgspec.json.encode({"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response})
