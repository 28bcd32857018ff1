"""The parser of every command: it knows its options well enough to suggest the one that was meant."""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from seawall.apps.cli.quick_arguments import YES_OR_NO

_INVALID_CHOICE = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)")


class Parser(argparse.ArgumentParser):
    """An `argparse.ArgumentParser` that ends wrong usage with one sentence and the way out, and exit status 2."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(*arguments, **options)
        self.register("action", YES_OR_NO, argparse.BooleanOptionalAction)

    # argparse's signature has four overloads for the namespace's type; all of them end here.
    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse, and refuse what is not known here, where the options are known that it could have been."""
        parsed, extras = super().parse_known_args(args, namespace)
        if extras:
            self.refuse_unknown(extras[0])
        return parsed, extras

    def error(self, message: str) -> NoReturn:
        """What argparse calls for wrong usage."""
        choice = _INVALID_CHOICE.search(message)
        if choice is None:
            self.refuse(message)
        self.refuse(message, near(choice[1], re.findall(r"'([^']*)'", choice[2])))

    def refuse_unknown(self, word: str) -> NoReturn:
        """Refuse an option that does not exist, or an argument that has no place."""
        if not word.startswith("-"):
            self.refuse(f"{word!r} is one argument too many")
        option = word.partition("=")[0]
        self.refuse(f"there is no option {option}", near(option, self._option_string_actions))

    def refuse(self, complaint: str, suggestion: str = "") -> NoReturn:
        """Print `complaint`, the suggestion if there is one, and where help is; exit with status 2."""
        hint = f"; did you mean {suggestion}?" if suggestion else ""
        sys.stderr.write(f"{self.prog}: error: {complaint}{hint}\n`{self.prog} --help` says what there is.\n")
        raise SystemExit(2)


def near(word: str, known: Iterable[str]) -> str:
    """Return the one of `known` that `word` was most likely meant to be; empty where none is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")
