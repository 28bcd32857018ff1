"""Where programs and libraries of an image are looked for: PATH, the folders of ld.so; and what their names do not tell."""

from collections.abc import Iterable, Iterator

from seawall.facts.images import ImageInventory

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LIBRARY_FOLDERS = ("usr/local/lib", "lib", "usr/lib", "lib64", "usr/lib64")

MACHINES = {
    "386": "i386",
    "amd64": "x86_64",
    "arm": "arm",
    "arm64": "aarch64",
    "ppc64le": "ppc64",
    "riscv64": "riscv64",
    "s390x": "s390x",
}
"""What ELF files call the architectures of images."""


def versions(inventory: ImageInventory) -> dict[str, str]:
    """Return the major versions of languages whose programs do not have them in their names."""
    found = (
        package.version.partition(".")[0]
        for package in inventory.packages
        if package.name == "nodejs" and package.purl.startswith(("pkg:deb/", "pkg:apk/"))
    )
    version = next(found, "")
    return {"node": version} if version else {}


def path_folders(inventory: ImageInventory) -> list[str]:
    """Return the folders of PATH, and those that everybody has in it."""
    written = dict(inventory.image.config.environment).get("PATH", _PATH)
    return [folder.strip("/") for folder in (*written.split(":"), *_PATH.split(":")) if folder.startswith("/")]


def library_folders(inventory: ImageInventory) -> list[str]:
    """Return the folders that ld.so searches: those of ld.so.conf, of the environment, and its own."""
    found = [
        folder for folder in dict(inventory.image.config.environment).get("LD_LIBRARY_PATH", "").split(":") if folder
    ]
    for path, text in inventory.texts.items():
        if path.startswith("etc/ld.so.conf"):
            found += _lines(text.decode("utf-8", "replace").splitlines())
    return [folder.strip("/") for folder in (*found, *_LIBRARY_FOLDERS)]


def _lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        folder = line.partition("#")[0].strip()
        if folder.startswith("/"):
            yield folder
