"""The semantics of Kubernetes' ValidatingAdmissionPolicy (1.36), without an API server.

    policies = compile_policies(documents)                    # resources or plain objects; other kinds are passed over
    outcome = evaluate(policies, request, World(...))         # an AdmissionRequest, and what is known of the cluster
    outcome.allowed, outcome.message, outcome.failures

The modules, each of which names what it follows in k8s.io/apiserver: `policies` (decode), `validate` (what is refused on
creation), `compile`, `matching`, `parameters`, `activation` (the variables), `judge` (one policy), `evaluate` (all of them),
`messages` (words), `kinds` (which resource a kind is), `outcome`.
"""

from seawall.policy.admission.compile import PolicySet, bind_everywhere, compile_policies
from seawall.policy.admission.evaluate import World, evaluate
from seawall.policy.admission.kinds import KindTable
from seawall.policy.admission.outcome import AdmissionOutcome, Failure, Problem
from seawall.policy.admission.parameters import Parameters

__all__ = [
    "AdmissionOutcome",
    "Failure",
    "KindTable",
    "Parameters",
    "PolicySet",
    "Problem",
    "World",
    "bind_everywhere",
    "compile_policies",
    "evaluate",
]
