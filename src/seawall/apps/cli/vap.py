"""seawall vap: evaluate native ValidatingAdmissionPolicies as the API server does."""

import argparse
import json
import sys

from seawall.stages.native_policies import ReviewFiles, evaluate_review


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "vap",
        help="evaluate native ValidatingAdmissionPolicies",
        description="Evaluate native ValidatingAdmissionPolicies as the API server of Kubernetes 1.36 does.",
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    evaluate = actions.add_parser(
        "eval",
        help="one AdmissionReview against policies",
        description="Print as JSON what the API server would answer to an AdmissionReview. Exit status 0: allowed; 1: denied, "
        "or what would decide it is not known here; 2: wrong usage, a file that cannot be read, or a policy that the API "
        "server would refuse. Files may hold many documents and Lists. Without any binding, each policy is bound to everything "
        "with Deny and takes every given parameter of its kind. Without --namespace-object, what depends on the namespace is "
        "not known.",
        allow_abbrev=False,
    )
    files = (
        ("--policy", True, "ValidatingAdmissionPolicies"),
        ("--binding", False, "their bindings"),
        ("--params", False, "objects that they take as parameters, and CustomResourceDefinitions of their kinds"),
        ("--namespace-object", False, "the Namespace of the request"),
    )
    for option, required, what in files:
        evaluate.add_argument(
            option, nargs="+", action="extend", required=required, default=[], metavar="F", help=f"{what}; repeatable"
        )
    evaluate.add_argument(
        "--authorizer",
        metavar="F",
        help="what the `authorizer` variable answers: a YAML file with rules (users, groups, verbs, apiGroups, resources, "
        "namespaces, resourceNames, nonResourceURLs, decision, reason); without it, what depends on it is not known",
    )
    evaluate.add_argument(
        "--request", required=True, metavar="F", help="an admission.k8s.io/v1 AdmissionReview in JSON, or -"
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print the answer, and return 0 where it is allowed and 1 where it is not."""
    outcome = evaluate_review(
        ReviewFiles(
            policies=arguments.policy,
            bindings=arguments.binding,
            params=arguments.params,
            namespaces=arguments.namespace_object,
            authorizer=arguments.authorizer,
            request=arguments.request,
        )
    )
    answer = {
        "allowed": outcome.allowed,
        "message": outcome.message,
        "failures": [
            {
                "policy": failure.policy,
                "binding": failure.binding,
                "index": failure.index,
                "message": failure.message,
                "reason": failure.reason,
                "action": failure.action,
            }
            for failure in outcome.failures
        ],
        "warnings": list(outcome.warnings),
        "auditAnnotations": dict(outcome.audit_annotations),
        "errors": [
            {
                "policy": problem.policy,
                "binding": problem.binding,
                "index": problem.index,
                "message": problem.message,
                "undecided": problem.undecided,
            }
            for problem in outcome.problems
        ],
    }
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    return 0 if outcome.allowed else 1
