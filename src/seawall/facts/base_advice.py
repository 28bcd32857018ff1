"""Would a smaller base run the application of an image, and why or why not?

    verdicts = [judge(application, tree, base) for base in bases]

A verdict is ``yes`` only where everything that the application was seen to need is known to be in the base, and nothing was
seen by which it could start or load what was not seen. It is ``no`` where something is known to be missing, else ``unknown``.
"""

import msgspec

from seawall.facts.application import Application
from seawall.facts.image_tree import ImageTree
from seawall.facts.interpreted import brings_modules, language_of_program
from seawall.model.base_image import BaseImage

GLIBC = frozenset(
    [
        "libanl.so.1",
        "libBrokenLocale.so.1",
        "libc.so.6",
        "libc_malloc_debug.so.0",
        "libdl.so.2",
        "libm.so.6",
        "libmvec.so.1",
        "libmemusage.so",
        "libnss_compat.so.2",
        "libnss_dns.so.2",
        "libnss_files.so.2",
        "libnss_hesiod.so.2",
        "libpcprofile.so",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libthread_db.so.1",
        "libutil.so.1",
        "ld-linux-x86-64.so.2",
        "ld-linux-aarch64.so.1",
    ]
)
"""What every glibc brings. libnsl.so.1 and libcrypt.so.1 became packages of their own."""


_DATA = {
    "ca-certificates": frozenset(("ca-certificates", "ca-certificates-bundle")),
    "tzdata": frozenset(("tzdata",)),
}
"""Which packages bring what programs read by its path."""

_INTERPRETERS = frozenset(("python3", "python3-distutils", "python3-lib2to3", "python3-minimal"))


class Verdict(msgspec.Struct, frozen=True):
    """`runs` is ``yes``, ``no`` or ``unknown``; `reasons` say what speaks against it, those of ``no`` first."""

    base: BaseImage
    runs: str
    reasons: tuple[str, ...]


def judge(application: Application, tree: ImageTree, base: BaseImage) -> Verdict:
    """Return whether `base` would run `application` of the image `tree`, where its own files are copied to their places."""
    no: list[str] = []
    unknown: list[str] = []
    for libc in sorted(application.libcs):
        if base.libc != libc:
            what = f"the native module /{application.modules[0]}" if application.modules else "a program"
            no.append(f"{what} is built for {libc}, and it has {base.libc if base.libc != 'none' else 'no C library'}")
    if not no:
        _hold_libraries(application, base, no, unknown)
        _hold_symbols(application, base, no, unknown)
    if application.uses_shell and not base.shell:
        missing = f"it has no /bin/sh, and {application.shell_user}"
        (no if application.uses_shell == "needed" else unknown).append(missing)
    _hold_languages(application, tree, base, no, unknown)
    _hold_commands(application, tree, base, no, unknown)
    for what, user in sorted(application.reads.items()):
        if what not in base.data and not _DATA[what].isdisjoint(tree.relations):
            unknown.append(f"it has no {what}, which {user} may read")
    if application.may_start:
        unknown.append(f"/{application.may_start[0]} may start programs that were not seen")
    for soname, user in application.may_load.items():
        if soname not in base.libraries and not (base.libc == "glibc" and soname in GLIBC):
            unknown.append(f"{soname}, which /{user} may load, is not known to be in it")
            break
    if application.loads:
        unknown.append(f"/{application.loads[0]} may load libraries that were not seen")
    if application.missing:
        unknown.append(f"{application.missing[0]} is nowhere in the image, so how it is found is not known")
    if not base.verified:
        unknown.append("what is in it was not verified")
    return Verdict(base, "no" if no else "unknown" if unknown else "yes", (*no, *unknown))


def _hold_languages(
    application: Application, tree: ImageTree, base: BaseImage, no: list[str], unknown: list[str]
) -> None:
    for language, version in sorted(application.languages.items()):
        offered = base.runtimes.get(language)
        if offered is None:
            (unknown if base.others else no).append(f"{language} is not in it")
            continue
        if offered != version:
            unknown.append(f"it has {language} {offered}, and the image {version or 'one of unknown version'}")
        brought = {owner for path, owner in tree.owners.items() if brings_modules(path, language)}
        others = sorted(brought - set(base.packages) - _INTERPRETERS)
        if others:
            unknown.append(f"it has no {others[0]}, which the application may import")
    if "python3" in application.languages:
        unknown.extend(
            f"it lacks {module}, which the application imports"
            for module in base.lacks
            if module in application.imports
        )


def _hold_commands(
    application: Application, tree: ImageTree, base: BaseImage, no: list[str], unknown: list[str]
) -> None:
    for path in application.commands:
        name = path.rpartition("/")[2]
        language = language_of_program(path)
        if language or (base.shell and name in ("sh", "dash")):
            continue
        family = "musl" if base.libc == "musl" else "libc6"
        if family in tree.relations and tree.owners.get(path) in base.packages:
            continue  # a package of the same name in the same family of distributions has the same programs
        # Other packages may have a program of that name, as busybox has for most of coreutils.
        certain = bool(base.packages) and not base.shell and not base.others
        (no if certain else unknown).append(f"/{path} is not {'' if certain else 'known to be '}in it")
        return


def _hold_libraries(application: Application, base: BaseImage, no: list[str], unknown: list[str]) -> None:
    for soname, user in application.libraries.items():
        if soname in base.libraries or (base.libc == "glibc" and soname in GLIBC):
            continue
        if base.libc == "musl" and (soname.startswith("libc.musl-") or soname == "libc.so"):
            continue
        (unknown if base.others else no).append(f"{soname}, which /{user} needs, is not in it")


def _hold_symbols(application: Application, base: BaseImage, no: list[str], unknown: list[str]) -> None:
    for family, written, name in (("GLIBC", base.glibc, "glibc"), ("GLIBCXX", base.glibcxx, "libstdc++")):
        user, version = application.symbols.get(family, ("", ()))
        if not version or (family == "GLIBCXX" and "libstdc++.so.6" not in application.libraries):
            continue
        needed = ".".join(map(str, version))
        if not written:
            unknown.append(f"/{user} needs the symbols of {name} {needed}, and which it has is not known")
        elif tuple(map(int, written.split("."))) < version:
            no.append(f"/{user} needs the symbols of {name} {needed}, and it has {written}")
