"""The arguments of a command that is written plainly, read without argparse.

argparse costs 9 ms of a start, an eighth of a scan of one file: its own import, and for each option a formatter, a look at the
terminal and a search for translations. A command declares its options once, by calls of ``add_argument``; here these calls
are recorded, and words are read by them. Whatever is not plain (help, an option that is unknown, cut short or without its
value, a word that is no choice, ``--``) is left to argparse, which takes the same declarations and says what is wrong.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

YES_OR_NO = "yes or no"
"""The action of an option with two forms, ``--x`` and ``--no-x``."""

_FLAG, _VALUE, _LIST, _YES_OR_NO = "store_true", "store", "append", YES_OR_NO
_SAID = frozenset({"action", "choices", "default", "dest", "help", "metavar", "nargs"})
"""What a declaration may say; what else it says (a type, an action of another kind) is argparse's."""


class Declared:
    """Records the declarations of one command, in the place of the parsers that argparse hands to ``add_parser``."""

    def __init__(self) -> None:
        self.is_plain = True
        self._defaults: dict[str, Any] = {}
        self._options: dict[
            str, tuple[str, str, Any]
        ] = {}  # by its name: the destination, the action, and what belongs to it
        self._positional = ""

    def add_parser(self, _name: str, **_about: Any) -> "Declared":
        """Take the place of the subparsers."""
        return self

    def add_argument_group(self, *_title: str) -> "Declared":
        """Take the place of a group: it only matters to the help."""
        return self

    def add_argument(self, *names: str, **said: Any) -> None:
        """Record one declaration."""
        action = said.get("action", _VALUE)
        positional = not names[0].startswith("-")
        is_known = said.keys() <= _SAID and action in (_FLAG, _VALUE, _LIST, _YES_OR_NO)
        if not is_known or said.get("nargs") != ("*" if positional else None) or (positional and self._positional):
            self.is_plain = False
            return
        destination = said.get("dest") or names[0].lstrip("-").replace("-", "_")
        self._defaults[destination] = said.get("default", False if action == _FLAG else None)
        if positional:
            self._positional = destination
        for name in () if positional else names:
            self._options[name] = (destination, action, True if action in (_FLAG, _YES_OR_NO) else said.get("choices"))
            if action == _YES_OR_NO:
                self._options[f"--no-{name[2:]}"] = (destination, action, False)

    def read(self, words: Sequence[str]) -> SimpleNamespace | None:
        """Return what `words` set, as argparse would; None where it must be asked."""
        if not self.is_plain:
            return None
        values = dict(self._defaults)
        named: list[str] | None = None
        is_naming = False
        rest = iter(words)
        for word in rest:
            if not word.startswith("-") or word == "-":
                # What is named stands together: argparse takes the first group, and nothing after it.
                if not self._positional or not (named is None or is_naming):
                    return None
                named = [*(named or ()), word]
                is_naming = True
                continue
            is_naming = False
            name, has_value, value = word.partition("=")
            destination, action, about = self._options.get(name, ("", "", None))
            if action in (_FLAG, _YES_OR_NO):
                if has_value:
                    return None
                values[destination] = about
                continue
            if not has_value:
                value = next(rest, "--")
                if value.startswith("-") and value != "-":
                    return None
            if not action or value == "--" or (about is not None and value not in about):
                return None
            values[destination] = [*(values[destination] or ()), value] if action == _LIST else value
        if named is not None:
            values[self._positional] = named
        return SimpleNamespace(**values)
