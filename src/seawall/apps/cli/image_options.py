"""The options of every command that asks a registry: how it is reached. Credentials are where Docker and podman keep them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from seawall.sources.registry.settings import RegistrySettings


def add_registry_options(parser: "argparse._ActionsContainer", *, mirrors: bool = True) -> None:
    """Add the options. `mirrors` are for what is pulled: nothing is pushed to one."""
    parser.add_argument(
        "--insecure-registry",
        action="append",
        metavar="HOST",
        help="pull from it without TLS or with an unchecked certificate; repeatable (loopback needs no leave)",
    )
    parser.add_argument(
        "--registry-ca", default="", metavar="FILE", help="certificate authorities to trust for registries too (PEM)"
    )
    if mirrors:
        parser.add_argument(
            "--registry-mirror",
            action="append",
            metavar="[HOST=]MIRROR",
            help="ask MIRROR before HOST (default: docker.io); repeatable",
        )


def registry_settings(arguments: "argparse.Namespace") -> "RegistrySettings":
    """Return what the options ask for. Raises `UsageError` for a mirror that is none."""
    from seawall.sources.registry.settings import choose_settings

    return choose_settings(
        insecure=arguments.insecure_registry or (),
        certificate_authority=arguments.registry_ca,
        mirrors=getattr(arguments, "registry_mirror", None) or (),
    )
