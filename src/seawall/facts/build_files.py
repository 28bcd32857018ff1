"""What a Dockerfile does, step by step and stage by stage, as rules may read it. The facts `BuildStep` and `BuildStage`.

Values that the file does not tell (an argument without a default, a variable of the base image) are marked as not known. Nothing
that looks like a credential is shown: neither in evidence nor in the lines of a finding.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from seawall.facts.build_bases import Ended, age_of, may_name_stage, reference_of
from seawall.facts.build_packages import installed, kept_packages
from seawall.formats.build_steps import CREDENTIAL_NAME, HIDDEN, hide_secrets
from seawall.formats.dockerfile import BuildStage, ParsedDockerfile, Step
from seawall.formats.shell_commands import Command, commands_of
from seawall.formats.text_places import Span, TextOrigin
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Place, Resource, ResourceRef

STEP: Final = "BuildStep"
STAGE: Final = "BuildStage"
API_VERSION: Final = "dockerfile"

_PORT: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(tcp|udp|sctp))?\Z", re.IGNORECASE)
_CREDENTIAL: Final = re.compile(CREDENTIAL_NAME, re.IGNORECASE)


class BuildOrigin(msgspec.Struct, frozen=True):
    """Where the fields of a step or a stage stand; credentials are not shown."""

    text: TextOrigin
    hidden: frozenset[FieldPath] = frozenset()

    @property
    def path(self) -> str:
        """The Dockerfile's path."""
        return self.text.path

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field`, or of its nearest parent."""
        place = self.text.locate(field)
        evidence = None if place.evidence is None else hide_secrets(place.evidence)
        if any(field[: len(secret)] == secret for secret in self.hidden):
            evidence = None
        return Place(place.location, evidence, hide_secrets(place.snippet))


def derive_build_facts(parsed: ParsedDockerfile, *, ignore_file: bool, ended: Ended) -> Iterator[Fact]:
    """Yield the facts about all steps and stages of `parsed`, in their order.

    `ignore_file` says whether a ``.dockerignore`` keeps files out of the build.
    """
    lines = _shown_lines(parsed)
    final = {stage.index for stage in parsed.lineage(len(parsed.stages) - 1)} if parsed.stages else set()
    for step in parsed.before:
        yield _step_fact(parsed, lines, step, in_image=False, ignore_file=ignore_file)
    for stage in parsed.stages:
        yield _stage_fact(parsed, lines, stage, in_image=stage.index in final, ended=ended)
        for step in stage.steps:
            if step.keyword != "ONBUILD":
                yield _step_fact(parsed, lines, step, in_image=stage.index in final, ignore_file=ignore_file)


def _shown_lines(parsed: ParsedDockerfile) -> list[str]:
    """Return the lines as a report may show them: without values of the older form ``ENV API_TOKEN value``."""
    lines = list(parsed.lines)
    for step in (*parsed.before, *(step for stage in parsed.stages for step in stage.steps)):
        for pair in step.pairs:
            if pair.given and _CREDENTIAL.search(pair.name):
                span = step.instruction.span_of(pair.start + len(pair.name) + 1, pair.end)
                for number in range(span.line, span.end_line + 1):
                    line = lines[number - 1]
                    begin = span.column - 1 if number == span.line else 0
                    end = span.end_column - 1 if number == span.end_line else len(line)
                    lines[number - 1] = line[:begin] + HIDDEN + line[end:]
    return lines


def _step_fact(
    parsed: ParsedDockerfile, lines: Sequence[str], step: Step, *, in_image: bool, ignore_file: bool
) -> Fact:
    instruction = step.instruction
    spans: dict[FieldPath, Span] = {(): instruction.span, ("text",): instruction.span_of(0, len(instruction.text))}
    spans |= {("flags", flag.name): flag.span for flag in instruction.flags}
    commands = list(_commands(step))
    spans |= {("commands", number): span for number, (_, span) in enumerate(commands)}
    spans |= {("pairs", number): instruction.span_of(pair.start, pair.end) for number, pair in enumerate(step.pairs)}
    stage = parsed.stages[step.stage] if step.stage >= 0 else None
    value: dict[str, Any] = {
        "path": parsed.path,
        "keyword": step.keyword,
        "text": hide_secrets(instruction.text),
        "stage": step.stage,
        "stageName": stage.name if stage else "",
        "inImage": in_image,
        "fromScratch": bool(stage and (parsed.lineage(stage.index)[-1].base or "").lower() == "scratch"),
        "onBuild": step.on_build,
        "flags": {flag.name: flag.value for flag in instruction.flags},
        "mounts": [_mount(flag.value) for flag in instruction.flags if flag.name == "mount"],
        "execForm": step.exec_form is not None,
        "words": [word.value or "" for word in step.words],
        "wordsKnown": all(word.value is not None for word in step.words),
        "commands": [_command_value(command) for command, _ in commands],
        "pipefail": "pipefail" in step.run_by or any("pipefail" in word for word in step.run_by),
        "pairs": [
            {"name": pair.name, "value": pair.value or "", "given": pair.given, "known": pair.value is not None}
            for pair in step.pairs
        ],
        "environment": {name: text or "" for name, text in stage.environment.items()} if stage else {},
        "ignoreFile": ignore_file,
        **_transfer(parsed, step, spans),
        "ports": list(_ports(step, spans)),
        **_user(step),
    }
    hidden = frozenset(("pairs", number) for number, pair in enumerate(step.pairs) if _CREDENTIAL.search(pair.name))
    return _fact(STEP, parsed, value, lines, spans, hidden)


def _fact(
    kind: str,
    parsed: ParsedDockerfile,
    value: dict[str, Any],
    lines: Sequence[str],
    spans: Mapping[FieldPath, Span],
    hidden: frozenset[FieldPath] = frozenset(),
) -> Fact:
    origin = BuildOrigin(TextOrigin(parsed.path, lines, spans), hidden)
    ref = ResourceRef(API_VERSION, "Dockerfile", "", parsed.path)
    number = value["stage"] if kind == STEP else value["index"]
    return Fact(kind, Resource(ref, value, origin), value, {}, identity=_identity(value, number))


def _identity(value: Mapping[str, Any], stage: int) -> str:
    """Return what a finding knows the step by: lines may move, and steps come and go above it."""
    return f"{value.get('keyword', 'FROM')} {value.get('text', value.get('written', ''))} {stage}"


def _commands(step: Step) -> Iterator[tuple[Command, Span]]:
    """Yield the commands that a step runs, with where each stands."""
    if step.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
        return
    instruction = step.instruction
    if step.exec_form is not None:
        import shlex

        for command in commands_of(shlex.join(step.exec_form)):
            yield command, instruction.span_of(0, len(instruction.text))
        return
    if step.run_by[0].rpartition("/")[2].rpartition("\\")[2].lower() in (
        "powershell",
        "pwsh",
        "cmd",
        "cmd.exe",
        "powershell.exe",
    ):
        return  # another language
    text, offset = instruction.text, 0
    if step.keyword == "HEALTHCHECK":
        offset = len(text) - len(text[3:].lstrip()) if text[:4].upper().startswith("CMD") else len(text)
    if not (instruction.heredocs and text.strip().startswith("<<")):
        for command in commands_of(text[offset:]):
            yield command, instruction.span_of(command.start + offset, command.end + offset)
    if step.keyword == "RUN" and text.strip().startswith("<<"):
        for heredoc in instruction.heredocs[:1]:
            if heredoc.text.startswith("#!") and not re.match(r"#!.*\b(?:ba|da|a|z|k)?sh\b", heredoc.text):
                continue
            for command in commands_of(heredoc.text):
                yield command, _heredoc_span(heredoc.text, heredoc.line, command.start, command.end)


def _heredoc_span(text: str, line: int, start: int, end: int) -> Span:
    def place(offset: int) -> tuple[int, int]:
        before = text.rfind("\n", 0, offset)
        return line + text.count("\n", 0, offset), offset - before

    last_line, last_column = place(max(end - 1, start))
    return Span(*place(start), last_line, last_column + 1)


def _command_value(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "words": list(command.words),
        "into": command.into,
        "through": list(command.through),
        "fed": list(command.fed),
        "assigned": [name for name, _ in command.assigned],
        "packages": installed(command),
    }


def _mount(text: str) -> dict[str, str]:
    mount = {"type": "bind", "target": "", "source": "", "from": "", "id": ""}
    for part in text.split(","):
        name, _, value = part.partition("=")
        name = {"dst": "target", "destination": "target", "src": "source"}.get(name, name)
        mount[name] = value
    return mount


def _transfer(parsed: ParsedDockerfile, step: Step, spans: dict[FieldPath, Span]) -> dict[str, Any]:
    """Return what an ``ADD`` or ``COPY`` takes from where."""
    value: dict[str, Any] = {"sources": [], "destination": "", "from": "", "fromKind": ""}
    if step.keyword not in ("ADD", "COPY"):
        return value
    words = [word.value for word in step.words]
    if step.exec_form is not None:
        words = list(step.exec_form)
    elif step.words:
        for number, word in enumerate(step.words[:-1]):
            spans["sources", number] = step.instruction.span_of(word.start, word.end)
        spans["destination",] = step.instruction.span_of(step.words[-1].start, step.words[-1].end)
    known = [word or "" for word in words]
    value["sources"] = [word for word in known[:-1] if not word.startswith("<<")]
    value["destination"] = known[-1] if known else ""
    source = next((flag.value for flag in step.instruction.flags if flag.name == "from"), "")
    value["from"] = source
    if source:
        value["fromKind"] = _kind_of_source(parsed, step.stage, source)
    return value


def _kind_of_source(parsed: ParsedDockerfile, current: int, source: str) -> str:
    """Return what ``--from`` names: a ``stage`` above, none that is there yet (``missing``), an ``image``, or ``unknown``."""
    if "$" in source:
        return "unknown"
    if source.isdecimal():
        return "stage" if int(source) < current else "missing"
    named = [stage.index for stage in parsed.stages if stage.name == source.lower()]
    if named:
        return "stage" if min(named) < current else "missing"
    return "image"


def _ports(step: Step, spans: dict[FieldPath, Span]) -> Iterator[dict[str, Any]]:
    if step.keyword != "EXPOSE":
        return
    number = 0
    for word in step.words:
        found = _PORT.match(word.value or "")
        if found:
            spans["ports", number] = step.instruction.span_of(word.start, word.end)
            number += 1
            port = int(found[1])
            yield {"port": port, "last": int(found[2] or port), "protocol": (found[3] or "tcp").lower()}


def _user(step: Step) -> dict[str, str]:
    text = (step.words[0].value or "") if step.keyword == "USER" and step.words else ""
    user, _, group = text.partition(":")
    return {"user": user, "group": group}


def _stage_fact(
    parsed: ParsedDockerfile, lines: Sequence[str], stage: BuildStage, *, in_image: bool, ended: Ended
) -> Fact:
    instruction = stage.origin.instruction
    word = stage.origin.words[0]
    spans: dict[FieldPath, Span] = {
        (): instruction.span,
        ("base",): instruction.span_of(word.start, word.end),
        **{("flags", flag.name): flag.span for flag in instruction.flags},
    }
    lineage = parsed.lineage(stage.index)
    steps = [step for one in reversed(lineage) for step in one.steps if not step.on_build]
    users = [step for step in steps if step.keyword == "USER"]
    if users:
        spans["user",] = users[-1].instruction.span
    user = users[-1].words[0] if users and users[-1].words else None
    own = [step.keyword for step in stage.steps if not step.on_build]
    for keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
        of_kind = [step for step in stage.steps if step.keyword == keyword and not step.on_build]
        if len(of_kind) > 1:
            spans["repeated", keyword] = of_kind[-1].instruction.span
    root = lineage[-1]
    value: dict[str, Any] = {
        "path": parsed.path,
        "index": stage.index,
        "name": stage.name,
        "written": stage.written,
        "base": stage.base or "",
        "known": stage.base is not None,
        "rootKnown": root.base is not None,
        "namesStage": stage.base is None and may_name_stage(parsed, stage),
        "fromStage": stage.parent is not None,
        "scratch": (root.base or "").lower() == "scratch",
        **reference_of(stage),
        "platform": next((flag.value for flag in instruction.flags if flag.name == "platform"), ""),
        "last": stage.index == len(parsed.stages) - 1,
        "inImage": in_image,
        "stages": len(parsed.stages),
        "nameTaken": any(other.name == stage.name for other in parsed.stages[: stage.index]) if stage.name else False,
        "user": (user.value or "").partition(":")[0] if user else "",
        "userSet": user is not None,
        "userKnown": user is not None and user.value is not None,
        "healthCheck": any(step.keyword == "HEALTHCHECK" for step in steps),
        "repeated": {keyword: True for keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK") if own.count(keyword) > 1},
        "runs": any(step.keyword in ("CMD", "ENTRYPOINT") for step in steps),
        "packages": kept_packages(command for step in steps if step.keyword == "RUN" for command, _ in _commands(step)),
        **age_of(root, ended),
    }
    return _fact(STAGE, parsed, value, lines, spans)
