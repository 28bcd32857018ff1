"""The variables `authorizer` and `authorizer.requestResource` of a request, answered by an authorizer that the caller brings."""

from collections.abc import Callable
from typing import Any

from seawall.cel.authorizers import Authorizer, Principal
from seawall.cel.functions.authorization import AuthorizerValue, ResourceCheck
from seawall.cel.unknown import UNKNOWN
from seawall.formats.admission_review import AdmissionRequest


def authorize_with(source: Authorizer) -> Callable[[AdmissionRequest], tuple[Any, Any]]:
    """Give requests the answers of `source`; where nobody knows who asks, nobody knows what they may do."""

    def authorize(request: AdmissionRequest) -> tuple[Any, Any]:
        user = request.user_info
        if user is None:
            return UNKNOWN, UNKNOWN
        principal = Principal(
            name=str(user.get("username", "")),
            uid=str(user.get("uid", "")),
            groups=tuple(str(group) for group in user.get("groups") or ()),
        )
        authorizer = AuthorizerValue(principal, source)
        # What was asked for, not what the object was converted to for a policy that matches equivalent resources.
        resource = request.request_resource or request.resource
        subresource = request.request_sub_resource if request.request_resource is not None else request.sub_resource
        check = ResourceCheck(
            authorizer=authorizer,
            group=resource.group,
            resource=resource.resource,
            subresource=subresource,
            namespace=request.namespace,
            name=request.name,
        )
        return authorizer, check

    return authorize
