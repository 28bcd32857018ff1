"""What in an image is the application, and what does it need to run?

The application is what starts (entry point and command), and every program and script that no package of the distribution owns.
Its needs are followed: the interpreter behind ``#!``, the dynamic loader, shared libraries by their sonames as ld.so looks for
them (RPATH, RUNPATH, its folders), programs that a script or a shell command names, and the language that it is written in.

What cannot be seen is not guessed: a file that may start programs is in `may_start`, a library that is nowhere in `missing`. Both
make advice unknown, never yes.
"""

import posixpath
import re

from seawall.facts.application import Application, Need
from seawall.facts.image_tree import ImageTree
from seawall.facts.images import ImageInventory
from seawall.facts.interpreted import (
    LANGUAGES,
    READ,
    Seen,
    is_closed,
    is_spare,
    language_of_program,
    language_of_source,
    read_sources,
)
from seawall.facts.search_paths import MACHINES, library_folders, path_folders, versions
from seawall.formats.source_marks import is_standard, marks_of_words
from seawall.model.image_contents import Program, Script

_STATE = ("var/lib/dpkg/", "var/lib/apt/", "var/cache/", "lib/apk/", "usr/lib/apk/", "proc/", "sys/", "dev/")
"""What package managers leave behind, which no list names, and what is no file of the image."""

_SHELLS = frozenset(("ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"))
_TOLD = frozenset(
    (
        "bash",
        "busybox",
        "catatonit",
        "coreutils",
        "dash",
        "dumb-init",
        "findutils",
        "gosu",
        "grep",
        "libc-bin",
        "mawk",
        "procps",
        "sed",
        "setpriv",
        "su-exec",
        "tini",
        "util-linux",
    )
)
"""Packages whose programs start only what they are told to: what that is stands in what calls them."""

_TLS = ("libcurl", "libgnutls", "libssl")
_WORD = re.compile(r"[\w./+-]+")


def find_application(inventory: ImageInventory, tree: ImageTree) -> Application | None:
    """Return the application of the image; None where there is none, as in a base that only starts a shell or an interpreter."""
    found = _Search(inventory, tree)
    return found.result() if not found.waits and (found.own_files or found.starts_something) else None


class _Search:
    def __init__(self, inventory: ImageInventory, tree: ImageTree) -> None:
        self._tree = tree
        self._programs: dict[str, Program] = {program.path: program for program in inventory.programs}
        self._scripts: dict[str, Script] = {script.path: script for script in inventory.scripts}
        self._folders = path_folders(inventory)
        self._libraries = library_folders(inventory)
        self._sonames: dict[str, list[str]] = {}
        for program in inventory.programs:
            for name in {program.soname, posixpath.basename(program.path)} - {""}:
                self._sonames.setdefault(name, []).append(program.path)
        self._done: set[str] = set()
        self._needs: dict[str, str] = {}
        self._links: dict[str, set[str]] = {}
        self._libcs: set[str] = set()
        self._taken: dict[str, str] = {}
        self._may_load: dict[str, str] = {}
        self._symbols: dict[str, tuple[str, tuple[int, ...]]] = {}
        self._languages: dict[str, str] = {}
        self._speaks: set[str] = set()
        self._modules: list[str] = []
        self._shell = ""
        self._shell_user = ""
        self._commands: dict[str, None] = {}
        self._named: dict[str, None] = {}
        self._may_start: dict[str, None] = {}
        self._blind = ""
        self._loads: dict[str, None] = {}
        self._reads: dict[str, str] = {}
        self._missing: dict[str, None] = {}
        self._spare: list[Program] = []
        self._versions = versions(inventory)
        self._machine = MACHINES.get(inventory.image.platform.architecture, "")
        self._musl = any(path.startswith("lib/ld-musl-") for path in tree.entries)
        config = inventory.image.config
        self._start = (*config.entrypoint, *config.command)
        self.own_files = 0
        self.starts_something = False
        self.waits = False
        for path in tree.entries:
            self._own(path)
        self._begin(config.working_directory)
        self._check_health(inventory)
        self._seen = read_sources(inventory.sources, tree, frozenset(self._speaks))
        self._take_sources(self._seen)

    def result(self) -> Application:
        return Application(
            files=self.own_files,
            start=self._start,
            needs=tuple(
                Need(link, reason)
                for path, reason in self._needs.items()
                for link in (*self._links.get(path, ()), path)
                if link in self._tree.owners
            ),
            libcs=frozenset(self._libcs),
            libraries=self._taken,
            may_load=self._may_load,
            symbols=self._symbols,
            languages=self._languages,
            speaks=frozenset(self._speaks),
            modules=tuple(self._modules),
            uses_shell=self._shell,
            shell_user=self._shell_user,
            commands=tuple(self._commands),
            named=tuple(link for path in self._named for link in (*self._links.get(path, ()), path)),
            may_start=tuple(self._may_start),
            blind=self._blind,
            loads=tuple(self._loads),
            words=self._seen.words,
            imports=self._seen.modules,
            reads=self._reads,
            missing=tuple(self._missing),
        )

    def _own(self, path: str) -> None:
        """Take a file that no package owns: a program, a script, or the source of one."""
        if path in self._tree.owners or path.startswith(_STATE) or self._tree.entries[path]:
            return
        if path in self._programs or (path in self._scripts and not is_standard(path)):
            self.own_files += 1
            self._follow(path)
        if language := language_of_source(path):
            self.own_files += path not in self._programs and path not in self._scripts
            self._speak(language, f"/{path}", path)
            if is_closed(path):
                self._hide(path)

    def _hide(self, path: str) -> None:
        """Note that what the file at `path` does cannot be seen."""
        self._may_start.setdefault(path)
        self._blind = self._blind or path

    def _check_health(self, inventory: ImageInventory) -> None:
        """Follow what asks whether the container is well."""
        check = inventory.image.config.health_check
        kind, *words = check.test if check is not None and check.test else ("NONE",)
        if kind == "CMD-SHELL":
            self._need_shell("its health check is a command for one", certain=True)
        for word in words if kind in ("CMD", "CMD-SHELL") else ():
            for part in _WORD.findall(word) if kind == "CMD-SHELL" else [word]:
                path = self._find(part, "/")
                if path is not None:
                    self._use(path, f"the health check names {part}")

    def _take_sources(self, seen: Seen) -> None:
        for path in seen.starts:
            self._may_start.setdefault(path)
        for path in seen.unread:
            self._hide(path)
        if seen.shells:
            self._need_shell(f"/{seen.shells[0]} may start one", certain=seen.own_shell)
        self._loads.update(dict.fromkeys(seen.loads))
        for word in sorted(seen.words) if self._speaks else ():
            named = self._find(word, "/")
            if named is not None and named in self._tree.owners:
                self._named.setdefault(named)
        for program in self._spare:
            self._follow_program(program, spare=is_spare(program.path, seen.modules))
        if "python3" in self._speaks:
            for what in ("ca-certificates", "tzdata"):
                self._reads.setdefault(what, "a program in Python")

    def _need_shell(self, user: str, *, certain: bool) -> None:
        if certain and self._shell != "needed":
            self._shell, self._shell_user = "needed", user
        elif not self._shell:
            self._shell, self._shell_user = "possible", user

    def _begin(self, folder: str) -> None:
        """Follow what the container starts."""
        words = self._start
        if not words:
            return
        first = self._find(words[0], folder)
        shell = posixpath.basename(words[0]) in _SHELLS
        last = self._find(words[-1], folder)
        self.waits = last is not None and bool(language_of_program(last))  # an interpreter with nothing to run
        self.starts_something = first is not None and not (shell and len(words) == 1)
        if first is None:
            if self.own_files:
                self._missing[words[0]] = None
            return
        self._use(first, f"the container starts {words[0]}")
        for word in words[1:]:
            # A word behind a shell's -c is a whole command; behind another program it may be one, as behind tini.
            parts = _WORD.findall(word) if shell else [word]
            for part in parts:
                path = self._find(part, folder)
                if path is not None:
                    self._use(path, f"the container's command names {part}")
        if shell and "-c" not in words[1:] and not any(self._find(word, folder) in self._scripts for word in words[1:]):
            self._hide(first)  # a script without `#!`, which was not read
        if not shell and any(word in ("-c", "-e", "--eval", "-p") for word in words[1:]) and language_of_program(first):
            self._hide(first)  # a program that stands in the command itself

    def _find(self, word: str, folder: str) -> str | None:
        """Return the file that is started as `word`."""
        if "/" in word:
            return self._real(posixpath.normpath(posixpath.join("/", folder, word)))
        if word in ("", ".", ".."):
            return None
        for place in self._folders:
            path = self._real(f"{place}/{word}" if place else word)
            if path is not None:
                return path
        return None

    def _use(self, path: str, reason: str) -> None:
        """Note that `path` is run; one of the distribution is a need, one of the application's own is followed."""
        if posixpath.basename(path) in _SHELLS:
            self._need_shell(reason, certain=True)
        owner = self._tree.owners.get(path)
        language = language_of_program(path)
        if language:
            self._speaks.add(language)
            if owner is not None:
                self._speak(language, reason, path)
        if owner is not None:
            self._needs.setdefault(path, reason)
            self._commands.setdefault(path)
            program = self._programs.get(path)
            if not language and owner not in _TOLD and (program is None or program.starts):
                self._blind = self._blind or path
        self._follow(path)

    def _speak(self, language: str, reason: str, user: str) -> None:
        """Note that `user` is written in `language`; where its own files bring it, it is followed as they are."""
        self._speaks.add(language)
        if language not in READ:
            self._hide(user)
        if language in self._languages:
            return
        names = (language, "python", "nodejs")
        found = (self._find(name, "/") for name in names if LANGUAGES[language].match(name))
        path = user if user in self._tree.owners else next((one for one in found if one is not None), None)
        if path is not None and path in self._tree.owners:
            written = posixpath.basename(path).removeprefix("python") if language == "python3" else ""
            self._languages[language] = written or self._versions.get(language, "")
            self._needs.setdefault(path, f"{reason} needs {language}")

    def _follow(self, path: str) -> None:
        if path in self._done or path in self._tree.owners:
            return
        self._done.add(path)
        script = self._scripts.get(path)
        if script is not None:
            self._follow_script(script)
        program = self._programs.get(path)
        if program is not None and "/lib-dynload/" in path:
            self._spare.append(program)  # which of them are loaded only the sources tell
        elif program is not None:
            self._follow_program(program)

    def _follow_script(self, script: Script) -> None:
        words = script.interpreter.split()
        if words and posixpath.basename(words[0]) == "env":
            env = self._real(words[0])
            if env is not None:
                self._use(env, f"/{script.path} begins with #!{words[0]}")
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        if not words:
            self._hide(script.path)
            return
        path = self._find(words[0], "/")
        if path is None:
            self._missing[words[0]] = None
        else:
            self._use(path, f"/{script.path} begins with #!{script.interpreter}")
        language = language_of_program(path or words[0])
        if script.words is None:
            self._hide(script.path)
        elif language in READ:
            if "starts" in marks_of_words(language, script.words):
                self._may_start.setdefault(script.path)
                self._named.update(
                    (found, None)
                    for word in script.words
                    if (found := self._find(word, "/")) is not None and found in self._tree.owners
                )
            return
        for word in script.words or ():
            found = self._find(word, "/")
            if found is not None:
                self._use(found, f"/{script.path} names {word}")

    def _follow_program(self, program: Program, *, spare: bool = False) -> None:
        """Follow the needs of a program; of a `spare` module only which files they are, since nobody loads it."""
        path = program.path
        if (".so" in path or path.endswith(".node")) and self._is_foreign(program):
            return  # many packages bring a module for each machine
        language = language_of_program(path)
        if language:
            if language not in READ:
                self._hide(path)
        elif program.starts and "/lib-dynload/" not in path:
            self._need_shell(f"/{path} may start one", certain=False)
            self._hide(path)
        if program.interpreter:
            loader = self._real(program.interpreter)
            if loader is None:
                self._missing[program.interpreter] = None
            elif loader in self._tree.owners:
                self._needs.setdefault(loader, f"/{path} is started by {program.interpreter}")
        for what in program.reads if not language else ():
            self._reads.setdefault(what, f"/{path}")
        libc = "musl" if "musl" in program.interpreter else "glibc" if program.interpreter else ""
        for soname in (*program.needed, *program.loads):
            found = self._library(soname, program)
            certain = soname in program.needed
            if certain:
                libc = libc or ("musl" if "musl" in soname else "glibc" if soname.startswith("libc.so.6") else "")
            if found is None:
                if certain and not spare:
                    self._missing[soname] = None
                elif program.static:
                    self._may_load.setdefault(soname, path)
            elif found in self._tree.owners:
                self._needs.setdefault(found, f"/{path} {'needs' if certain else 'may load'} {soname}")
                if not spare:
                    (self._taken if certain else self._may_load).setdefault(soname, path)
                if soname.startswith(_TLS):
                    self._reads.setdefault("ca-certificates", f"/{path}")
            else:
                self._follow(found)
        if spare:
            return
        if libc:
            self._libcs.add(libc)
        for written in program.symbols:
            family, _, version = written.partition("_")
            numbers = tuple(map(int, version.split(".")))
            if numbers > self._symbols.get(family, ("", ()))[1]:
                self._symbols[family] = path, numbers
        name = posixpath.basename(path)
        if name.endswith(".node") or (".so" in name and ("cpython-" in path or "-packages/" in path)):
            self._modules.append(path)

    def _is_foreign(self, program: Program) -> bool:
        musl = any("musl" in name for name in program.needed)
        return (self._machine not in ("", program.machine)) or (musl and not self._musl)

    def _real(self, path: str) -> str | None:
        """Return the file that `path` leads to, and remember the links that lead there: whoever needs it needs them."""
        trail = self._tree.trail(path)
        if not trail:
            return None
        if len(trail) > 1:
            self._links.setdefault(trail[-1], set()).update(trail[:-1])
        return trail[-1]

    def _library(self, soname: str, program: Program) -> str | None:
        if "/" in soname:
            return self._real(soname)
        origin = posixpath.dirname(program.path)
        own = [
            folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
            for written in program.search
            for folder in written.split(":")
        ]
        for folder in (*own, *self._libraries):
            found = self._real(posixpath.normpath(posixpath.join("/", folder, soname)))
            if found is not None and self._fits(found, program):
                return found
        # A program may set its own path for libraries, or load them itself first.
        return next((path for path in self._sonames.get(soname, ()) if self._fits(path, program)), None)

    def _fits(self, path: str, program: Program) -> bool:
        found = self._programs.get(path)
        return found is not None and found.machine == program.machine
