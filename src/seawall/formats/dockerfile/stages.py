"""The stages of a Dockerfile, and what its variables stand for in each step.

A stage that is built on another one takes over its environment. Build arguments before the first ``FROM`` count in ``FROM``
lines, and in a stage that names them again; their defaults are taken for their values. What a base image sets is not known here.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from seawall.formats.dockerfile.instructions import Instruction, inner, read_instructions
from seawall.formats.dockerfile.words import Word, expand, split
from seawall.model.resource import Unscanned

MAX_INSTRUCTIONS: Final = 10_000
_PAIRED: Final = frozenset(("ARG", "ENV", "LABEL"))
_SHELL_FORMS: Final = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK"))
_NAME_OF_STAGE: Final = re.compile(r"[a-z][a-z0-9-_.]*\Z", re.IGNORECASE)
DEFAULT_SHELL: Final = ("/bin/sh", "-c")


class Pair(msgspec.Struct, frozen=True):
    """``NAME=value`` of an ``ARG``, ``ENV`` or ``LABEL``; `value` is None where there is none or it is not known, `given` says
    whether one is written. `start` and `end` are offsets in the instruction's text."""

    name: str
    value: str | None
    given: bool
    start: int
    end: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction in its stage (-1: before the first). `words` have their variables replaced, but for those of a shell.

    `exec_form` are the words of a JSON array, None in shell form. `run_by` is what runs shell forms at this step.
    """

    instruction: Instruction
    stage: int
    on_build: bool = False
    words: tuple[Word, ...] = ()
    pairs: tuple[Pair, ...] = ()
    exec_form: tuple[str, ...] | None = None
    run_by: tuple[str, ...] = DEFAULT_SHELL

    @property
    def keyword(self) -> str:
        """The instruction's keyword, in capitals."""
        return self.instruction.keyword


class BuildStage(msgspec.Struct, kw_only=True):
    """One stage: `base` is what it is built on, with variables replaced, None where that is not known; `parent` is the number of
    the stage that this is, None where it is an image."""

    index: int
    name: str
    origin: Step
    base: str | None
    written: str
    parent: int | None
    steps: list[Step]
    environment: dict[str, str | None]


class ParsedDockerfile(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds; `before` are the arguments in front of the first stage."""

    path: str
    lines: Sequence[str]
    before: Sequence[Step] = ()
    stages: Sequence[BuildStage] = ()
    unscanned: Sequence[Unscanned] = ()

    def lineage(self, index: int) -> list[BuildStage]:
        """Return the stage at `index` and those that it is built on, itself first."""
        found = [self.stages[index]]
        while found[-1].parent is not None:
            found.append(self.stages[found[-1].parent])
        return found


def parse(path: str, data: bytes) -> ParsedDockerfile:
    """Return what the Dockerfile in `data` says. What cannot be read is told with its line; never raises for bad input."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _unread(path, line, "the text is not UTF-8: save it as UTF-8")
    if "\0" in text:
        return _unread(path, text.count("\n", 0, text.index("\0")) + 1, "a NUL byte: this is no Dockerfile")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    read = read_instructions(path, lines)
    unscanned = list(read.unscanned)
    if len(read.instructions) > MAX_INSTRUCTIONS:
        return _unread(path, 1, f"more than {MAX_INSTRUCTIONS:,} instructions: no builder takes such a file")
    builder = _Builder(path, read.escape, unscanned)
    for instruction in read.instructions:
        builder.add(instruction)
    if not builder.stages and not unscanned:
        unscanned.append(Unscanned(path, "it has no FROM instruction, so no image comes of it"))
    return ParsedDockerfile(
        path=path, lines=lines, before=builder.before, stages=builder.stages, unscanned=tuple(unscanned)
    )


def _unread(path: str, line: int, reason: str) -> ParsedDockerfile:
    return ParsedDockerfile(path=path, lines=(), unscanned=(Unscanned(f"{path}:{line}", reason),))


class _Builder:
    def __init__(self, path: str, escape: str, unscanned: list[Unscanned]) -> None:
        self._path = path
        self._escape = escape
        self._unscanned = unscanned
        self.before: list[Step] = []
        self.stages: list[BuildStage] = []
        self._global: dict[str, str | None] = {}
        self._arguments: dict[str, str | None] = {}
        self._shell: tuple[str, ...] = DEFAULT_SHELL

    def add(self, instruction: Instruction) -> None:
        """Take the next instruction."""
        if instruction.keyword == "FROM":
            self._begin(instruction)
            return
        if not self.stages:
            if instruction.keyword != "ARG":
                self._miss(instruction, f"{instruction.keyword} stands before the first FROM; only ARG may")
                return
            step = self._step(instruction, self._global)
            self._global.update({pair.name: pair.value for pair in step.pairs if pair.given})
            self.before.append(step)
            return
        stage = self.stages[-1]
        step = self._step(instruction, {**self._arguments, **stage.environment})
        stage.steps.append(step)
        if step.keyword == "ENV":
            stage.environment.update({pair.name: pair.value for pair in step.pairs})
        elif step.keyword == "ARG":
            for pair in step.pairs:
                if pair.given:
                    self._arguments[pair.name] = pair.value
                elif pair.name in self._global:
                    self._arguments[pair.name] = self._global[pair.name]
        elif step.keyword == "SHELL" and step.exec_form:
            self._shell = step.exec_form
        elif step.keyword == "ONBUILD":
            triggered = inner(instruction)
            if triggered is None:
                self._miss(instruction, "ONBUILD names no instruction that may be triggered")
            else:
                later = self._step(triggered, {**self._arguments, **stage.environment})
                stage.steps.append(msgspec.structs.replace(later, on_build=True))

    def _begin(self, instruction: Instruction) -> None:
        step = self._step(instruction, self._global)
        words = step.words
        if not words:
            self._miss(instruction, "FROM names no image")
            return
        named = len(words) == 3 and words[1].text.upper() == "AS"
        if len(words) != 1 and not (named and _NAME_OF_STAGE.match(words[2].text)):
            self._miss(instruction, "FROM takes an image and, behind AS, the name of the stage")
        name = words[2].text.lower() if named else ""
        base = words[0].value
        parent = self.find(base) if base is not None else None
        environment = dict(self.stages[parent].environment) if parent is not None else {}
        self.stages.append(
            BuildStage(
                index=len(self.stages),
                name=name,
                origin=msgspec.structs.replace(step, stage=len(self.stages)),
                base=base or None,
                written=words[0].text,
                parent=parent,
                steps=[],
                environment=environment,
            )
        )
        self._arguments = {}
        self._shell = DEFAULT_SHELL

    def find(self, name: str) -> int | None:
        """Return the number of the last stage called `name`, without regard to case."""
        found = [stage.index for stage in self.stages if stage.name and stage.name == name.lower()]
        return found[-1] if found else None

    def _step(self, instruction: Instruction, variables: dict[str, str | None]) -> Step:
        keyword, text = instruction.keyword, instruction.text
        shell = keyword in _SHELL_FORMS
        words = tuple(split(text, self._escape, None if shell or keyword == "ONBUILD" else variables))
        pairs = self._pairs(keyword, words, text, variables) if keyword in _PAIRED else ()
        return Step(
            instruction=instruction,
            stage=len(self.stages) - 1,
            words=words,
            pairs=pairs,
            exec_form=_exec_form(text),
            run_by=self._shell,
        )

    def _pairs(
        self, keyword: str, words: Sequence[Word], text: str, variables: dict[str, str | None]
    ) -> tuple[Pair, ...]:
        if keyword != "ARG" and words and "=" not in words[0].text:
            # The older form: ENV NAME everything that follows.
            rest = text[words[0].end :].strip()
            start = words[1].start if len(words) > 1 else words[0].end
            return (
                Pair(
                    words[0].text, expand(rest, self._escape, variables), bool(rest), words[0].start, start + len(rest)
                ),
            )
        return tuple(
            Pair(name, expand(value, self._escape, variables) if equals else None, bool(equals), word.start, word.end)
            for word in words
            for name, equals, value in (word.text.partition("="),)
        )

    def _miss(self, instruction: Instruction, reason: str) -> None:
        self._unscanned.append(Unscanned(f"{self._path}:{instruction.span.line}", reason))


def _exec_form(text: str) -> tuple[str, ...] | None:
    """Return the words of the JSON array that `text` is; None where it is none (the builder then takes it for a shell's)."""
    if not text.lstrip().startswith("["):
        return None
    try:
        value = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        return None
    return tuple(value)
