"""seawall rules export."""

import argparse
import sys
from pathlib import Path

DESCRIPTION = (
    "Write rules as ValidatingAdmissionPolicies with their bindings, so that the API server judges by itself (Kubernetes 1.30 "
    "and newer). What cannot be written so is listed on standard error, with the reason."
)

ACTIONS = ("Deny", "Warn", "Audit")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.rule_options import add_choice

    parser.add_argument("--native", action="store_true", required=True, help="as ValidatingAdmissionPolicies")
    add_choice(parser, default="default")
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="configuration with rule sets and parameters (default: the nearest seawall.yaml, up to the repository's root)",
    )
    binding = parser.add_argument_group("bindings")
    binding.add_argument("--action", choices=ACTIONS, default="Warn", help="what a failure does (default: Warn)")
    binding.add_argument(
        "--exempt",
        action="append",
        metavar="NS",
        help="namespace that the bindings leave alone; repeatable (default: kube-system with --action Deny, so that "
        "a cluster can come up)",
    )
    binding.add_argument("--no-exempt", action="store_true", help="leave no namespace alone")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--output", metavar="FILE|DIR/", help="a file, or a folder with one file a rule (default: standard output)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the policies; 0 when there is at least one."""
    from seawall.apps.cli.rule_options import rule_choice
    from seawall.model.errors import UsageError
    from seawall.policy.native_export import Enforcing
    from seawall.stages import native_export

    chosen = native_export.choose(rule_choice(arguments), arguments.config)
    left_out = native_export.reasons(chosen.rules)
    if arguments.exempt and arguments.no_exempt:
        raise UsageError("--exempt and --no-exempt exclude each other")
    exempt = arguments.exempt or (["kube-system"] if arguments.action == "Deny" else [])
    enforcing = Enforcing(action=arguments.action, exempt=() if arguments.no_exempt else tuple(exempt))
    policies = native_export.export(chosen.rules, enforcing=enforcing, params=chosen.params)
    _tell(len(policies), left_out)
    if not policies:
        raise UsageError(
            "none of the chosen rules can be a native policy",
            remedy="`seawall rules list --format json` says which can",
        )
    _write(native_export.texts(policies), arguments.output)
    return 0


def _tell(written: int, left_out: dict[str, str]) -> None:
    """Say what was not written, the rules of one reason together."""
    policies = "1 policy" if written == 1 else f"{written} policies"
    rules = "1 rule" if len(left_out) == 1 else f"{len(left_out)} rules"
    print(f"{policies} written, {rules} left out{':' if left_out else ''}", file=sys.stderr)
    for reason in sorted(set(left_out.values())):
        ids = ", ".join(rule_id for rule_id, own in left_out.items() if own == reason)
        print(f"  {ids}: {reason}", file=sys.stderr)


def _write(texts: dict[str, str], output: str | None) -> None:
    from seawall.actions.write_files import write_files
    from seawall.apps.cli.output import write

    if output is not None and (output.endswith("/") or Path(output).is_dir()):
        write_files(Path(output), texts)
    else:
        write(["---\n".join(texts.values()).encode()], output)
