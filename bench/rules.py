"""Rule benchmark: what one rule costs on one pod, by our generated functions and by the official evaluator.

    python bench/rules.py [--rounds 5]

Data: the pods of `k8s.io/pod-security-admission`'s test data, fetched with the Go module client. Every shipped rule about
pods runs on every pod; the official evaluator gets the same expressions and the same data through its Python interface.
Prints microseconds a rule and pod for each, the best of the rounds, and the ratio. A rule that walks containers is
counted once a pod, whatever their number.
"""

import argparse
import gc
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from seawall.cel.environment import Environment
from seawall.facts.catalogue import FACT_KINDS
from seawall.facts.workloads import derive_pod_specs
from seawall.formats import kubernetes_yaml
from seawall.model.fact import Fact
from seawall.policy import select
from seawall.policy.compile import ITEM_ENVIRONMENT, compile_rules, inlined
from seawall.policy.compiled import Source
from seawall.policy.evaluate import Plan, items_of
from seawall.stages import rule_sets

MODULE = "k8s.io/pod-security-admission@v0.36.3"


def pods() -> list[Fact]:
    """Return the pods of the module's test data as facts."""
    output = subprocess.run(
        ["go", "mod", "download", "-json", MODULE], check=True, capture_output=True, timeout=600, cwd="/"
    ).stdout
    facts: list[Fact] = []
    for path in sorted(Path(json.loads(output)["Dir"]).rglob("test/testdata/**/*.yaml")):
        for document in kubernetes_yaml.parse(path.name, path.read_bytes()).documents:
            for resource in kubernetes_yaml.resources(document):
                facts += derive_pod_specs(resource)
    return facts


def best(rounds: int, work: Callable[[], None]) -> float:
    """Return the seconds of the fastest of `rounds` runs of `work`."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    facts = pods()
    rules = [rule for rule in select.in_sets(rule_sets.shipped_rules(), ["all"]) if rule.match.facts == ["PodSpec"]]
    compiled = compile_rules(rules)
    plan = Plan(compiled, present={name: kind.fields for name, kind in FACT_KINDS.items()})
    gc.disable()

    def ours() -> None:
        plan.run(facts)

    failures, inconclusive = plan.run(facts)
    seconds = best(options.rounds, ours)
    evaluations = len(facts) * len(rules)
    print(f"{len(facts)} pods, {len(rules)} rules, {len(failures)} failures, {len(inconclusive)} inconclusive")
    print(f"generated Python: {seconds:.2f} s, {seconds / evaluations * 1e6:.3f} µs a rule and pod")

    official = oracle(rules)
    few = facts[:: max(1, len(facts) // 200)]

    def theirs() -> None:
        for fact in few:
            for each, expression in official:
                items = [(None, None)] if each is None else [(i, p) for i, p, _ in items_of(fact.value, each)]
                for item, parent in items:
                    expression.eval(data={"object": fact.value, "item": item, "parent": parent})

    their_seconds = best(max(1, options.rounds // 2), theirs)
    their_cost = their_seconds / (len(few) * len(official))
    print(
        f"official evaluator from Python: {their_cost * 1e6:.3f} µs a rule and pod (every {len(facts) // len(few)}th pod)"
    )
    print(f"ratio: {their_cost / (seconds / evaluations):.1f}")


def oracle(rules: list[Any]) -> list[tuple[Any, Any]]:
    """Return the expressions of `rules` that the official evaluator can run alone, each with the lists that it walks.

    Match conditions are left out, so that it evaluates at most what ours does.
    """
    from seawall.policy.compile import parse_each

    environment = Environment(ITEM_ENVIRONMENT.variables)
    found = []
    for rule in rules:
        params = msgspec.json.encode(rule.params).decode() if rule.params else ""
        variables = tuple((v.name, v.expression) for v in rule.variables)
        for validation in rule.validations:
            text = inlined(Source(text=validation.expression, expect="bool", params=params, variables=variables))
            expression = environment.front_end.compile(text)
            try:
                expression.eval(data={name: {} for name in environment.variables})
            except RuntimeError as error:
                if "No overload found" in str(error):
                    continue  # a function of Kubernetes' library, which has no implementation there
                raise
            found.append((parse_each(rule), expression))
    return found


if __name__ == "__main__":
    main()
