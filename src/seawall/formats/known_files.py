"""What some files of an image are known for, by their names, and which of them are read as they are.

Names are those that Debian, Alpine, Red Hat and their kin install. A name alone is a hint that rules turn into a sentence;
where a secret is spoken of, the content decides (`secret_files`).
"""

import re
from collections.abc import Mapping

MAX_TEXT = 256 * 1024
"""Largest file of which the text is kept or searched: etc/passwd and sources.list have some kilobytes."""

TEXTS = frozenset(
    (
        "etc/alpine-release",
        "etc/apk/repositories",
        "etc/apt/apt.conf",
        "etc/apt/sources.list",
        "etc/debian_version",
        "etc/dnf/dnf.conf",
        "etc/group",
        "etc/ld.so.conf",
        "etc/os-release",
        "etc/passwd",
        "etc/pip.conf",
        "etc/redhat-release",
        "etc/shells",
        "etc/ssh/sshd_config",
        "etc/sudoers",
        "etc/yum.conf",
        "root/.config/pip/pip.conf",
        "root/.pip/pip.conf",
        "usr/lib/os-release",
    )
)
_TEXT_FOLDERS = frozenset(
    (
        "etc/apt/sources.list.d",
        "etc/apt/apt.conf.d",
        "etc/ld.so.conf.d",
        "etc/sudoers.d",
        "etc/yum.repos.d",
    )
)
"""Folders whose files are kept too."""

_ROLES: Mapping[str, str] = {
    name: role
    for role, names in {
        "shell": "ash bash busybox csh dash fish ksh mksh sh tcsh zsh",
        "package manager": (
            "apk apt apt-get aptitude cargo conda composer dnf dpkg gem microdnf npm npx opkg pacman pip pip3 pipx pnpm"
            " poetry rpm tdnf uv yarn yum zypper"
        ),
        "compiler": "as c++ cc clang clang++ cmake cpp g++ gcc go gfortran javac ld make nasm rustc tcc",
        "debugger": "bpftrace delve dlv gdb gdbserver lldb ltrace perf strace tcpdump valgrind",
        "network tool": "curl dig ftp nc ncat netcat nmap nslookup socat telnet tshark wget",
        "privilege tool": "chroot doas gosu newgidmap newuidmap nsenter pkexec runc su su-exec sudo unshare",
        "remote access": "dropbear rsync scp sftp ssh sshd",
        "container tool": "buildah containerd crictl ctr docker dockerd kubectl nerdctl podman",
    }.items()
    for name in names.split()
}
_PROGRAM_FOLDERS = frozenset(
    ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "usr/local/go/bin", "busybox", "opt/bin")
)
_VERSIONED = re.compile(
    r"(?:clang|clang\+\+|g\+\+|gcc|cpp|lldb|pip|x86_64-linux-gnu-gcc|aarch64-linux-gnu-gcc)-?\d[\d.]*\Z"
)


def holds_programs(folder: str) -> bool:
    """Tell whether names in `folder` are those of programs that people start."""
    return folder in _PROGRAM_FOLDERS


def role_of_program(name: str) -> str:
    """Return what the program `name`, in a folder of programs, is known for, or nothing."""
    role = _ROLES.get(name)
    if role is None:
        if not name[-1:].isdigit() or not _VERSIONED.match(name):
            return ""
        role = "package manager" if name.startswith("pip") else "debugger" if name.startswith("lldb") else "compiler"
    return role


def holds_texts(folder: str) -> bool:
    """Tell whether the text of every file in `folder` is kept, beside those of `TEXTS`."""
    return folder in _TEXT_FOLDERS
