"""Would a smaller base run the application of an image, and why or why not?

    verdicts = [judge(application, tree, base) for base in bases]

A verdict is ``yes`` only where everything that the application was seen to need is known to be in the base, and nothing was
seen by which it could start or load what was not seen. It is ``no`` where something is known to be missing, else ``unknown``.
"""

import msgspec

from seawall.facts.application import Application
from seawall.model.base_image import BaseImage

_GLIBC = frozenset(
    [
        "libanl.so.1",
        "libBrokenLocale.so.1",
        "libc.so.6",
        "libdl.so.2",
        "libm.so.6",
        "libmvec.so.1",
        "libnss_compat.so.2",
        "libnss_dns.so.2",
        "libnss_files.so.2",
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


class Verdict(msgspec.Struct, frozen=True):
    """`runs` is ``yes``, ``no`` or ``unknown``; `reasons` say what speaks against it, those of ``no`` first."""

    base: BaseImage
    runs: str
    reasons: tuple[str, ...]


def judge(application: Application, base: BaseImage) -> Verdict:
    """Return whether `base` would run `application`, where its own files are copied to their places."""
    no: list[str] = []
    unknown: list[str] = []
    for libc in sorted(application.libcs):
        if base.libc != libc:
            what = f"native module {application.modules[0]}" if application.modules else "a program"
            no.append(f"{what} is built for {libc}, and it has {base.libc if base.libc != 'none' else 'no C library'}")
    if not no:
        _hold_libraries(application, base, no, unknown)
        _hold_symbols(application, base, no, unknown)
    if application.uses_shell == "needed" and not base.shell:
        no.append("it has no /bin/sh")
    elif application.uses_shell == "possible" and not base.shell:
        unknown.append("a program may start /bin/sh, which it does not have")
    for language in sorted(application.languages):
        if language not in base.runtimes:
            (unknown if base.others else no).append(f"{language} is not in it")
    others = [path for path in application.commands if not _known(path, application, base)]
    if others:
        unknown.append(
            f"/{others[0]} and {len(others) - 1} more are not known to be in it"
            if len(others) > 1
            else f"/{others[0]} is not known to be in it"
        )
    if application.may_start:
        unknown.append("code of the application may start programs that were not seen")
    if application.missing:
        unknown.append(f"{application.missing[0]} is nowhere in the image, so how it is found is not known")
    return Verdict(base, "no" if no else "unknown" if unknown else "yes", (*no, *unknown))


def _known(path: str, application: Application, base: BaseImage) -> bool:
    name = path.rpartition("/")[2]
    return (base.shell and name in ("sh", "dash", "busybox")) or any(name.startswith(one) for one in base.runtimes)


def _hold_libraries(application: Application, base: BaseImage, no: list[str], unknown: list[str]) -> None:
    for soname, user in application.libraries.items():
        if soname in base.libraries or (base.libc == "glibc" and soname in _GLIBC):
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
