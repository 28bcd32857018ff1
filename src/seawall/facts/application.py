"""What in an image is the application, and what does it need to run?

The application is what starts (entry point and command), and every program and script that no package of the distribution owns.
Its needs are followed: the interpreter behind ``#!``, the dynamic loader, shared libraries by their sonames as ld.so looks for
them (RPATH, RUNPATH, its folders), programs that a script or a shell command names, and the language that it is written in.

What cannot be seen is not guessed: code that starts programs by name makes `may_start` true, and a library that is nowhere is in
`missing`. Both make advice unknown, never yes.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from seawall.facts.image_tree import ImageTree
from seawall.facts.images import ImageInventory
from seawall.model.image_contents import Program, Script

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LIBRARY_FOLDERS = ("usr/local/lib", "lib", "usr/lib", "lib64", "usr/lib64")
_STATE = ("var/lib/dpkg/", "var/lib/apt/", "var/cache/", "lib/apk/", "usr/lib/apk/", "proc/", "sys/", "dev/")
"""What package managers leave behind, which no list names, and what is no file of the image."""

_SHELLS = frozenset(("ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"))
_LANGUAGES: Mapping[str, re.Pattern[str]] = {
    "python3": re.compile(r"(?:python|pypy)[\d.]*t?\Z"),
    "node": re.compile(r"node(?:js)?\Z"),
    "java": re.compile(r"java\Z"),
    "ruby": re.compile(r"ruby[\d.]*\Z"),
    "perl": re.compile(r"perl[\d.]*\Z"),
    "php": re.compile(r"php(?:-fpm)?[\d.]*\Z"),
}
_SOURCES: Mapping[str, str] = {
    "py": "python3",
    "pyz": "python3",
    "jar": "java",
    "war": "java",
    "rb": "ruby",
    "php": "php",
}
"""Files of an application that only a language's own program can run. JavaScript is not one: browsers run it too."""

_WORD = re.compile(r"[\w./+-]+")


class Need(msgspec.Struct, frozen=True):
    """A file of the distribution that the application needs, and why, in words."""

    path: str
    reason: str


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """The application of an image and what it needs, as far as it can be seen.

    `libcs` are ``glibc`` and ``musl``, as its own programs are built for one; `libraries` are the sonames that its own files take
    from the distribution, with the path of who needs them; `symbols` the newest symbol versions that they name.
    `languages` are those that run it and come from the distribution; `modules` are its native modules of Python.
    `uses_shell` is ``needed``, ``possible`` or empty; `commands` are programs of the distribution that it names;
    `may_start` says that its code may start programs that were not seen. `missing` are libraries that are nowhere.
    """

    files: int
    start: tuple[str, ...]
    needs: tuple[Need, ...]
    libcs: frozenset[str]
    libraries: Mapping[str, str]
    symbols: Mapping[str, tuple[str, tuple[int, ...]]]
    languages: frozenset[str]
    modules: tuple[str, ...]
    uses_shell: str
    commands: tuple[str, ...]
    may_start: bool
    missing: tuple[str, ...]


def find_application(inventory: ImageInventory, tree: ImageTree) -> Application | None:
    """Return the application of the image; None where there is none, as in a base image that only starts a shell."""
    found = _Search(inventory, tree)
    return found.result() if found.own_files or found.starts_something else None


class _Search:
    def __init__(self, inventory: ImageInventory, tree: ImageTree) -> None:
        self._tree = tree
        self._programs: dict[str, Program] = {program.path: program for program in inventory.programs}
        self._scripts: dict[str, Script] = {script.path: script for script in inventory.scripts}
        self._folders = _path_folders(inventory)
        self._libraries = _library_folders(inventory)
        self._sonames: dict[str, list[str]] = {}
        for program in inventory.programs:
            for name in {program.soname, posixpath.basename(program.path)} - {""}:
                self._sonames.setdefault(name, []).append(program.path)
        self._done: set[str] = set()
        self._needs: dict[str, str] = {}
        self._libcs: set[str] = set()
        self._taken: dict[str, str] = {}
        self._symbols: dict[str, tuple[str, tuple[int, ...]]] = {}
        self._languages: set[str] = set()
        self._modules: list[str] = []
        self._shell = ""
        self._commands: dict[str, None] = {}
        self._may_start = False
        self._missing: dict[str, None] = {}
        config = inventory.image.config
        self._start = (*config.entrypoint, *config.command)
        self.own_files = 0
        self.starts_something = False
        for path in tree.entries:
            self._own(path)
        self._begin(config.working_directory)

    def result(self) -> Application:
        return Application(
            files=self.own_files,
            start=self._start,
            needs=tuple(Need(path, reason) for path, reason in self._needs.items()),
            libcs=frozenset(self._libcs),
            libraries=self._taken,
            symbols=self._symbols,
            languages=frozenset(self._languages),
            modules=tuple(self._modules),
            uses_shell=self._shell,
            commands=tuple(self._commands),
            may_start=self._may_start,
            missing=tuple(self._missing),
        )

    def _own(self, path: str) -> None:
        """Take a file that no package owns: a program, a script, or the source of one."""
        if path in self._tree.owners or path.startswith(_STATE) or self._tree.entries[path]:
            return
        if path in self._programs or path in self._scripts:
            self.own_files += 1
            self._follow(path)
            return
        name = posixpath.basename(path)
        language = _SOURCES.get(name.rpartition(".")[2]) if "." in name else None
        if language is not None and "/node_modules/" not in f"/{path}":
            self.own_files += 1
            self._speak(language, path)

    def _begin(self, folder: str) -> None:
        """Follow what the container starts."""
        words = self._start
        if not words:
            return
        first = self._find(words[0], folder)
        shell = posixpath.basename(words[0]) in _SHELLS
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
            self._may_start = True  # a script without `#!`, which was not read

    def _find(self, word: str, folder: str) -> str | None:
        """Return the file that is started as `word`."""
        if "/" in word:
            return self._tree.real(posixpath.normpath(posixpath.join("/", folder, word)))
        if word in ("", ".", ".."):
            return None
        for place in self._folders:
            path = self._tree.real(f"{place}/{word}" if place else word)
            if path is not None:
                return path
        return None

    def _use(self, path: str, reason: str) -> None:
        """Note that `path` is run; one of the distribution is a need, one of the application's own is followed."""
        name = posixpath.basename(path)
        if name in _SHELLS:
            self._shell = "needed"
        for language, pattern in _LANGUAGES.items():
            if pattern.match(name) and path in self._tree.owners:
                self._speak(language, reason)
        if path in self._tree.owners:
            self._needs.setdefault(path, reason)
            self._commands.setdefault(path)
        self._follow(path)

    def _speak(self, language: str, reason: str) -> None:
        """Note that the application is written in `language`; where its own files bring it, it is followed as they are."""
        self._may_start = True
        if language in self._languages:
            return
        path = next(
            (
                found
                for name in (language, "python", "nodejs")
                if _LANGUAGES[language].match(name) and (found := self._find(name, "/")) is not None
            ),
            None,
        )
        if path is not None and path in self._tree.owners:
            self._languages.add(language)
            self._needs.setdefault(path, f"{reason} is written for {language}")

    def _follow(self, path: str) -> None:
        if path in self._done or path in self._tree.owners:
            return
        self._done.add(path)
        script = self._scripts.get(path)
        if script is not None:
            self._follow_script(script)
        program = self._programs.get(path)
        if program is not None:
            self._follow_program(program)

    def _follow_script(self, script: Script) -> None:
        words = script.interpreter.split()
        if words and posixpath.basename(words[0]) == "env":
            env = self._tree.real(words[0])
            if env is not None:
                self._use(env, f"/{script.path} begins with #!{words[0]}")
            words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        if not words:
            self._may_start = True
            return
        path = self._find(words[0], "/")
        if path is None:
            self._missing[words[0]] = None
        else:
            self._use(path, f"/{script.path} begins with #!{script.interpreter}")
        if script.words is None:
            self._may_start = True
        for word in script.words or ():
            found = self._find(word, "/")
            if found is not None:
                self._use(found, f"/{script.path} names {word}")

    def _follow_program(self, program: Program) -> None:
        path = program.path
        if program.starts and not self._is_language(path):
            self._shell = self._shell or "possible"
            self._may_start = True
        if self._is_language(path):
            self._may_start = True
        if program.interpreter:
            loader = self._tree.real(program.interpreter)
            if loader is None:
                self._missing[program.interpreter] = None
            elif loader in self._tree.owners:
                self._needs.setdefault(loader, f"/{path} is started by {program.interpreter}")
        libc = "musl" if "musl" in program.interpreter else "glibc" if program.interpreter else ""
        for soname in program.needed:
            libc = libc or ("musl" if "musl" in soname else "glibc" if soname.startswith("libc.so.6") else "")
            found = self._library(soname, program)
            if found is None:
                self._missing[soname] = None
            elif found in self._tree.owners:
                self._needs.setdefault(found, f"/{path} needs {soname}")
                self._taken.setdefault(soname, path)
            else:
                self._follow(found)
        if libc:
            self._libcs.add(libc)
        for written in program.symbols:
            family, _, version = written.partition("_")
            numbers = tuple(map(int, version.split(".")))
            if numbers > self._symbols.get(family, ("", ()))[1]:
                self._symbols[family] = path, numbers
        if ".so" in posixpath.basename(path) and ("cpython-" in path or "-packages/" in path):
            self._modules.append(path)

    def _library(self, soname: str, program: Program) -> str | None:
        if "/" in soname:
            return self._tree.real(soname)
        origin = posixpath.dirname(program.path)
        own = [
            folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
            for written in program.search
            for folder in written.split(":")
        ]
        for folder in (*own, *self._libraries):
            found = self._tree.real(posixpath.normpath(posixpath.join("/", folder, soname)))
            if found is not None and self._fits(found, program):
                return found
        # A program may set its own path for libraries, or load them itself first.
        return next((path for path in self._sonames.get(soname, ()) if self._fits(path, program)), None)

    def _fits(self, path: str, program: Program) -> bool:
        found = self._programs.get(path)
        return found is not None and found.machine == program.machine

    def _is_language(self, path: str) -> bool:
        name = posixpath.basename(path)
        return name.startswith(("libpython", "libnode", "libjvm", "libruby", "libperl")) or any(
            pattern.match(name) for pattern in _LANGUAGES.values()
        )


def _path_folders(inventory: ImageInventory) -> list[str]:
    written = dict(inventory.image.config.environment).get("PATH", _PATH)
    return [folder.strip("/") for folder in (*written.split(":"), *_PATH.split(":")) if folder.startswith("/")]


def _library_folders(inventory: ImageInventory) -> list[str]:
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
