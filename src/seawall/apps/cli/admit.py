"""seawall admit: the door of the cluster, a validating webhook over the same rules as a scan."""

import argparse
import datetime
import signal
import ssl
import sys
from typing import Any

from seawall.apps.cli.scan_options import parse_word
from seawall.model.errors import SourceError, UsageError
from seawall.model.taxonomy import Layer, Severity
from seawall.stages.admit import Admission, Admitter, load
from seawall.stages.rule_sets import RuleChoice


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "admit",
        help="run the validating webhook",
        description="Answer AdmissionReviews over HTTPS: findings at or above --fail-on deny, others warn. Anything unexpected "
        "is a refusal. /healthz and /readyz are on the same port. SIGTERM lets running requests end. Exit status 0: stopped; "
        "2: wrong usage, or the server could not start.",
        allow_abbrev=False,
    )
    server = parser.add_argument_group("server")
    server.add_argument(
        "--tls-cert", required=True, metavar="F", help="PEM certificate with its chain; a changed one is read again"
    )
    server.add_argument("--tls-key", required=True, metavar="F", help="PEM private key of the certificate")
    server.add_argument("--port", type=int, default=8443, metavar="N", help="port to listen on (default: 8443)")
    server.add_argument("--address", default="0.0.0.0", metavar="A", help="address to listen on (default: all)")  # noqa: S104
    rules = parser.add_argument_group("which rules")
    rules.add_argument(
        "--rules",
        action="append",
        metavar="SET|PATH",
        help="rule set, rule folder, or file of native policies; repeatable (default: default)",
    )
    rules.add_argument("--layer", action="append", metavar="L", help="only this layer: " + ", ".join(Layer))
    rules.add_argument("--only", action="append", metavar="ID", help="only these rules; repeatable, globs allowed")
    rules.add_argument("--skip", action="append", metavar="ID", help="not these rules; repeatable, globs allowed")
    rules.add_argument(
        "--config", metavar="FILE", help="configuration: parameters, rule sets and gate of the runtime stage"
    )
    parser.add_argument(
        "--fail-on", metavar="SEVERITY", default=None, help="lowest severity that denies (default: high)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    from seawall.apps.webhook.server import TlsFiles, WebhookServer

    admitter = load(
        Admission(
            choice=RuleChoice(
                rules=tuple(arguments.rules or ()),
                layers=tuple(parse_word("--layer", word, Layer) for word in arguments.layer or ()),
                only=tuple(arguments.only or ()),
                skip=tuple(arguments.skip or ()),
            ),
            configuration=arguments.config,
            fail_on=parse_word("--fail-on", arguments.fail_on, Severity) if arguments.fail_on else None,
        )
    )

    def answer(body: bytes) -> bytes:
        try:
            return admitter.review(body)
        except SourceError as error:
            raise ValueError(str(error)) from None

    tls = TlsFiles(arguments.tls_cert, arguments.tls_key)
    try:
        server = WebhookServer((arguments.address, arguments.port), tls, answer, _log)
    except (ssl.SSLError, OSError, OverflowError) as error:
        raise UsageError(f"cannot serve on {arguments.address}:{arguments.port}: {error}") from error

    def stop(_number: int, _frame: Any) -> None:
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _say_what_judges(admitter)
    _log(f"listening on https://{arguments.address}:{server.port}/validate")
    server.serve()
    _log("stopped")
    return 0


def _say_what_judges(admitter: Admitter) -> None:
    _log(f"{admitter.rules} rules judge")
    if admitter.left_out:
        names = ", ".join(rule.id for rule in admitter.left_out)
        _log(f"left out, because they need more than one object (seawall scan has them): {names}")


def _log(sentence: str) -> None:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(f"{now} seawall: {sentence}", file=sys.stderr, flush=True)
