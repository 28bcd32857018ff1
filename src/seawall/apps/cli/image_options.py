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
    """Return what the options and the current directory's ``seawall.yaml`` say. Raises `UsageError` for a mirror that is none."""
    from seawall.sources.manifests import ReadOptions
    from seawall.sources.registry.settings import choose_settings
    from seawall.stages import configuration

    asked = ReadOptions(
        insecure_registries=tuple(arguments.insecure_registry or ()),
        registry_ca=arguments.registry_ca,
        registry_mirrors=tuple(getattr(arguments, "registry_mirror", None) or ()),
    )
    reading = configuration.configure_registries(asked, configuration.load(None, (".",)))
    return choose_settings(
        insecure=reading.insecure_registries,
        certificate_authority=reading.registry_ca,
        mirrors=reading.registry_mirrors,
    )
