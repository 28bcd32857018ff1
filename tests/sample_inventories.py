"""Inventories that have everything an SBOM can say, for the tests of its formats."""

from seawall.model.inventory import Inventory, Subject
from seawall.model.package import Distro, Package
from seawall.model.resource import Unscanned

LAYERS = (f"sha256:{'a' * 64}", f"sha256:{'b' * 64}")
_DATABASE = "registry.local/app:1!/var/lib/dpkg/status"
_LOCK = "registry.local/app:1!/app/package-lock.json"
_OTHER_LOCK = "registry.local/app:1!/tool/package-lock.json"


def _npm(name: str, version: str, **fields: object) -> Package:
    purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
    return Package(**{"purl": purl, "name": name, "version": version, "ecosystem": "npm", "path": _LOCK, **fields})  # type: ignore[arg-type]


def image_inventory() -> Inventory:
    """Return a Debian image with a Node application, of two layers."""
    packages = (
        Package(
            purl="pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12",
            name="libssl3",
            version="3.0.11-1~deb12u2",
            ecosystem="Debian",
            distro="debian:12",
            source_name="openssl",
            source_version="3.0.11-1~deb12u2",
            architecture="amd64",
            path=_DATABASE,
            line=12,
            image_layer=LAYERS[0],
            instruction="ADD rootfs.tar /",
        ),
        Package(
            purl="pkg:rpm/redhat/bind@9.16.23-1.el9?arch=x86_64&distro=rhel-9&epoch=32",
            name="bind",
            version="32:9.16.23-1.el9",
            ecosystem="Red Hat",
            distro="rhel:9",
            source_name="bind",
            source_version="32:9.16.23-1.el9",
            architecture="x86_64",
            path="registry.local/app:1!/var/lib/rpm/rpmdb.sqlite",
            licences=("MPL-2.0",),
            image_layer=LAYERS[0],
        ),
        _npm("@scope/web", "1.0.0", direct=True, line=3, licences=("MIT OR Apache-2.0",), image_layer=LAYERS[1]),
        _npm(
            "ms",
            "2.1.3",
            direct=False,
            line=9,
            parents=("pkg:npm/%40scope/web@1.0.0",),
            licences=("MIT", "Odd/One"),
            scope="dev",
        ),
        _npm(
            "ms",
            "2.1.3",
            direct=True,
            line=4,
            path=_OTHER_LOCK,
            scope="optional",
            licences=("(MIT AND BSD-3-Clause)", "X11"),
        ),
        Package(
            purl="pkg:maven/org.slf4j/slf4j-api@2.0.7",
            name="org.slf4j:slf4j-api",
            version="2.0.7",
            ecosystem="Maven",
            path="registry.local/app:1!/app/lib/slf4j-api.jar",
            licences=('The "Slf" licence\nof two lines',),
        ),
        Package(
            purl="pkg:golang/github.com/burntsushi/toml@v1.3.2",
            name="github.com/BurntSushi/toml",
            version="v1.3.2",
            ecosystem="Go",
            path="registry.local/app:1!/app/tool \udcff",
        ),
        Package(
            purl="pkg:pypi/unpinned",
            name="unpinned",
            version="",
            ecosystem="PyPI",
            path="registry.local/app:1!/r.txt",
            line=1,
        ),
    )
    return Inventory(
        subject=Subject(
            name="registry.local/app:1",
            kind="image",
            root="registry.local/app:1!",
            digest=f"sha256:{'c' * 64}",
            created="2024-09-06T22:20:07.123456789Z",
        ),
        packages=packages,
        unscanned=(Unscanned("registry.local/app:1!/broken.jar", "is no archive"),),
        distro=Distro("debian", "12", (), "Debian GNU/Linux 12 (bookworm)", "bookworm"),
    )


def large_inventory(count: int = 5000) -> Inventory:
    """Return an image of `count` Debian packages, each with two that require it."""
    packages = [
        Package(
            purl=f"pkg:deb/debian/package-{number}@1.{number}-1?arch=amd64&distro=debian-12",
            name=f"package-{number}",
            version=f"1.{number}-1",
            ecosystem="Debian",
            distro="debian:12",
            source_name=f"source-{number // 3}",
            source_version=f"1.{number}-1",
            architecture="amd64",
            licences=("GPL-2.0-or-later",),
            path=_DATABASE,
            line=number * 10 + 1,
            image_layer=LAYERS[number % 2],
            parents=tuple(
                f"pkg:deb/debian/package-{parent}@1.{parent}-1?arch=amd64&distro=debian-12"
                for parent in sorted({number // 2, number // 3} - {number})
            ),
        )
        for number in range(count)
    ]
    return Inventory(subject=Subject(name="large", kind="image", root="registry.local/app:1!"), packages=packages)
