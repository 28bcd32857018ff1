"""The options that every command that scans has in common."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from seawall.apps.cli.image_options import add_registry_options
from seawall.model.errors import UsageError
from seawall.model.taxonomy import Layer, Stage
from seawall.sources.manifests import ReadOptions
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

if TYPE_CHECKING:
    import argparse

Word = TypeVar("Word", bound=StrEnum)


def add_scan_options(parser: Any) -> None:
    """Add the targets, and what chooses the rules."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        default=[],
        help="a directory, a manifest, a lock file, an SBOM, an image (reference, archive, OCI layout, rootfs:PATH), - for "
        "standard input, or `cluster` for the current kubeconfig context (default: .)",
    )
    rules = parser.add_argument_group("which rules")
    rules.add_argument(
        "--rules",
        action="append",
        metavar="SET|PATH",
        help="rule set, rule folder, or file of native policies; repeatable (default: default)",
    )
    rules.add_argument("--layer", action="append", metavar="L", help="only this layer: " + ", ".join(Layer))
    rules.add_argument("--stage", action="append", metavar="S", help="only rules of this stage: " + ", ".join(Stage))
    rules.add_argument("--only", action="append", metavar="ID", help="only these rules; repeatable, globs allowed")
    rules.add_argument("--skip", action="append", metavar="ID", help="not these rules; repeatable, globs allowed")
    rules.add_argument(
        "--config",
        metavar="FILE",
        help="configuration (default: the nearest seawall.yaml, up to the repository's root)",
    )
    rules.add_argument(
        "--no-vulnerabilities",
        action="store_true",
        help="do not hold packages against advisories, and need no database of them",
    )
    rules.add_argument(
        "--vex",
        action="append",
        metavar="FILE",
        help="OpenVEX or CSAF VEX: what it says is not affected or fixed does not count; repeatable",
    )
    rules.add_argument(
        "--product",
        default="",
        metavar="PURL",
        help="what the targets are, for VEX statements about a product and the packages in it (an image has its own)",
    )
    inputs = parser.add_argument_group("what is read")
    inputs.add_argument("--no-ignore", action="store_true", help="read what .gitignore and .seawallignore leave out")
    inputs.add_argument(
        "--history", action="store_true", help="look for credentials in every commit of the git repository too"
    )
    inputs.add_argument("--values", action="append", metavar="FILE", help="values file for a Helm chart; repeatable")
    inputs.add_argument("--set", action="append", metavar="K=V", dest="sets", help="value for a Helm chart; repeatable")
    inputs.add_argument("--platform", default="", metavar="OS/ARCH", help="of an image with several: like linux/arm64")
    inputs.add_argument("--exclude-base", action="store_true", help="leave out what an image's base image brought")
    inputs.add_argument("--base", default="", metavar="IMAGE", help="the image's base image; else its history tells")
    inputs.add_argument(
        "--verify-diff-ids",
        action="store_true",
        help="hash the layers of images uncompressed, too (with --base always)",
    )
    add_registry_options(inputs)
    inputs.add_argument("--kubeconfig", default="", metavar="FILE", help="with `cluster`: in place of $KUBECONFIG")
    inputs.add_argument("--context", default="", help="with `cluster`: in place of the current context")
    inputs.add_argument("--namespace", action="append", metavar="NS", help="with `cluster`: only this one; repeatable")


def add_allow_unscanned(group: Any) -> None:
    """Add what lets a command write its document although something could not be scanned."""
    import argparse

    group.add_argument(
        "--allow-unscanned",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="write it although something could not be scanned",
    )


def scan_options(arguments: "argparse.Namespace") -> DeployScan:
    """Return what the parsed `arguments` ask for. Raises `UsageError` for a word that is not in its vocabulary."""
    return DeployScan(
        targets=tuple(arguments.targets) or (".",),
        configuration=arguments.config,
        vulnerabilities=not arguments.no_vulnerabilities,
        choice=RuleChoice(
            rules=tuple(arguments.rules or ()),
            layers=tuple(parse_word("--layer", word, Layer) for word in arguments.layer or ()),
            stages=tuple(parse_word("--stage", word, Stage) for word in arguments.stage or ()),
            only=tuple(arguments.only or ()),
            skip=tuple(arguments.skip or ()),
        ),
        reading=ReadOptions(
            respect_ignores=not arguments.no_ignore,
            history=arguments.history,
            values=tuple(arguments.values or ()),
            sets=tuple(arguments.sets or ()),
            context=arguments.context,
            kubeconfig=arguments.kubeconfig,
            namespaces=tuple(arguments.namespace or ()),
            platform=arguments.platform,
            exclude_base=arguments.exclude_base,
            base=arguments.base,
            verify_diff_ids=arguments.verify_diff_ids,
            vex=tuple(arguments.vex or ()),
            product=_purl(arguments.product),
            insecure_registries=tuple(arguments.insecure_registry or ()),
            registry_ca=arguments.registry_ca,
            registry_mirrors=tuple(arguments.registry_mirror or ()),
            warn=_warn,
        ),
    )


def _purl(text: str) -> str:
    if not text:
        return ""
    from seawall.formats.purl import PurlError, normalise

    try:
        return normalise(text)
    except PurlError as error:
        raise UsageError(
            f"--product {text!r} is no purl: {error}", remedy="write it like pkg:oci/shop@sha256:…"
        ) from None


def _warn(sentence: str) -> None:
    print(f"seawall: warning: {sentence}", file=sys.stderr)


def parse_word(option: str, word: str, vocabulary: type[Word]) -> Word:
    """Return the member of `vocabulary` that `word` names. Raises `UsageError` with the words that there are."""
    try:
        return vocabulary(word)
    except ValueError:
        raise UsageError(f"{option} {word!r} is not one of: {', '.join(vocabulary)}") from None
