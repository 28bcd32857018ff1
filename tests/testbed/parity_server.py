"""Asks the real API server for its verdict on an object, of every native policy.

A policy that warns adds one warning to the answer of a dry run, but the server shows 4,096 characters of warnings and cuts the
rest. So the policies are bound in groups, one after the other, under names as short as can be. The few objects whose answers
come near the limit are put before each policy alone, by a copy with one more match condition: the name of the user who asks. What
the policies say is theirs alone: variables, validations and messages are as exported.
"""

import copy
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from seawall.facts.workloads import POD_TEMPLATE_PATHS
from seawall.policy.native_export import NativePolicy
from tests.testbed import native_policies
from tests.testbed.api_client import ApiClient, Object, Response
from tests.testbed.control_plane import ControlPlane
from tests.testbed.parity_objects import Case

# k8s.io/apiserver, pkg/endpoints/filters/warning.go: when the sum of characters passes the first, each warning is cut to the
# second.
_MOST_CHARACTERS, _CUT_CHARACTERS = 4096, 256
_GROUP_SIZE = 32
_THREADS = 4
_FAILURE = re.compile(
    r"Validation failed for ValidatingAdmissionPolicy '(p\d+)(?:-alone)?' with binding '.*?': (.*)", re.DOTALL
)

NAMESPACE = "parity"
"""Where objects go that name no namespace: a file does not say that it is the one called default."""

_ADMITTED = (200, 201, 409)
"""A name that is taken is found out after the policies have spoken."""


@dataclass(slots=True)
class Judgement:
    """What the server said of one object: the messages of each rule that failed, or why it refused the object before any
    policy saw it. `requests` counts the dry runs."""

    failures: dict[str, set[str]] = field(default_factory=dict)
    refused: str = ""
    requests: int = 0


_Pair: TypeAlias = tuple[Case, Judgement]


class Judge:
    """The native policies in `plane`, ready to be asked. `close` removes them."""

    def __init__(self, plane: ControlPlane, policies: Sequence[NativePolicy]) -> None:
        self._client = plane.client
        self._policies = {f"p{number}": policy for number, policy in enumerate(policies)}
        self._renamed = {name: _renamed(policy, name) for name, policy in self._policies.items()}
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda native: self._client.apply(native.policy), self._renamed.values()))

    def close(self) -> None:
        """Remove the policies."""
        native_policies.remove(self._client, self._renamed.values())

    def judge(self, cases: Sequence[Case]) -> list[Judgement]:
        """Return the verdict on each case, in order."""
        judgements = [Judgement() for _ in cases]
        pairs = list(zip(cases, judgements, strict=True))
        # Few rules look at one kind, but for those that make pods.
        rest = [name for name, native in self._policies.items() if not native.rule.match.facts]
        pods = [name for name, native in self._policies.items() if native.rule.match.facts]
        makers = [(case, judgement) for case, judgement in pairs if case.kind in POD_TEMPLATE_PATHS]
        alone = self._ask(rest, pairs)
        for start in range(0, len(pods), _GROUP_SIZE):
            alone += self._ask(pods[start : start + _GROUP_SIZE], makers)
        if alone:
            self._ask_alone(alone)
        return judgements

    def _ask(self, group: Sequence[str], pairs: Sequence[_Pair]) -> list[tuple[_Pair, Sequence[str]]]:
        """Put every case before the policies of `group`; return those whose answers the server may have cut, with the group."""
        bindings = [self._renamed[name].binding for name in group]
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(self._client.apply, bindings))
            native_policies.await_policies(self._client)
            complete = list(pool.map(lambda pair: self._ask_one(*pair), pairs))
            list(pool.map(self._client.delete, bindings))
        return [(pair, group) for pair, is_complete in zip(pairs, complete, strict=True) if not is_complete]

    def _ask_alone(self, cut: Sequence[tuple[_Pair, Sequence[str]]]) -> None:
        """Put each case before each policy of its group, one at a time."""
        names = sorted({name for _, group in cut for name in group})
        copies = [_for_one_user(self._renamed[name]) for name in names]
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(lambda native: native_policies.install(self._client, [native]), copies))
            native_policies.await_policies(self._client)
            asked = [(*pair, name) for pair, group in cut for name in group]
            list(pool.map(lambda one: self._ask_one(*one), asked))
            list(pool.map(lambda native: native_policies.remove(self._client, [native]), copies))

    def _ask_one(self, case: Case, judgement: Judgement, alone: str = "") -> bool:
        """Send `case` once and add what the policies say, as the user `alone` where it is given; say whether that is all.

        A policy that is asked alone is cut only where its message has more than 4,000 characters, and then it will differ.
        """
        if judgement.refused:
            return True
        try:
            request = DryRun(self._client, case)
        except KeyError:
            judgement.refused = f"{case.value['apiVersion']} {case.value['kind']} is not served"
            return True
        with request:
            answer = request.send(alone)
        judgement.requests += 1
        if answer.status not in _ADMITTED:
            judgement.refused = f"{answer.status}: {answer.message}"
            return True
        lengths = [len(warning) for warning in answer.warnings]
        if not alone and (sum(lengths) > _MOST_CHARACTERS - _CUT_CHARACTERS or _CUT_CHARACTERS in lengths):
            return False
        for warning in answer.warnings:
            found = _FAILURE.fullmatch(warning)
            if found:
                judgement.failures.setdefault(self._policies[found[1]].rule.id, set()).add(found[2])
        return True


class DryRun:
    """How one object is put before admission: a dry run of its creation. Raises `KeyError` for a kind that is not served.

    Ephemeral containers cannot be created with their pod, so such a pod is stored without them, and the dry run adds them.
    """

    def __init__(self, client: ApiClient, case: Case) -> None:
        value = case.value
        metadata = value.get("metadata") or {}
        self._client = client
        self._path = client.collection(value["apiVersion"], value["kind"], metadata.get("namespace") or NAMESPACE)
        self._body = case.text
        self._stored: Object | None = None
        if case.kind == "Pod" and (value.get("spec") or {}).get("ephemeralContainers"):
            self._stored = copy.deepcopy(value)
            del self._stored["spec"]["ephemeralContainers"]

    def __enter__(self) -> "DryRun":
        if self._stored is not None:
            created: Any = self._client.request("POST", self._path, self._stored).body
            self._path = f"{self._path}/{created['metadata']['name']}"
        return self

    def __exit__(self, *_: object) -> None:
        if self._stored is not None:
            self._client.request("DELETE", self._path, query={"gracePeriodSeconds": "0"})

    def send(self, user: str = "") -> Response:
        """Put the object before admission, as the administrator or as `user`."""
        method, path = ("POST", self._path) if self._stored is None else ("PUT", f"{self._path}/ephemeralcontainers")
        query = {"dryRun": "All", "fieldValidation": "Ignore"}
        headers = {"Impersonate-User": user, "Impersonate-Group": "system:masters"} if user else {}
        return self._client.call(
            method, path, self._body, query=query, content_type="application/yaml", headers=headers
        )


def _renamed(native: NativePolicy, name: str) -> NativePolicy:
    policy, binding = copy.deepcopy(native.policy), copy.deepcopy(native.binding)
    policy["metadata"]["name"] = binding["metadata"]["name"] = binding["spec"]["policyName"] = name
    return NativePolicy(rule=native.rule, policy=policy, binding=binding)


def _for_one_user(native: NativePolicy) -> NativePolicy:
    """Return a copy of a renamed policy that applies to the requests of the user with its name alone."""
    name = native.policy["metadata"]["name"]
    copied = _renamed(native, f"{name}-alone")
    condition = {"name": "asked-alone", "expression": f"request.userInfo.username == '{name}'"}
    copied.policy["spec"]["matchConditions"].insert(0, condition)
    return copied
