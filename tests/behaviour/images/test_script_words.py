"""The words of a script are those that could be names of programs: rather too many than too few."""

import pytest

from seawall.formats.script_words import MAX_WORDS, words_of


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"#!/bin/sh\nexec git-upload-pack .\n", "git-upload-pack"),
        (b"out=`convert a.png b.jpg`", "convert"),
        (b"sh -c 'gpg2 --list'", "gpg2"),
        (b"[ -f x ] && [ y ]", "["),
        (b"# see rsync", "rsync"),
        (b"subprocess.run(['x264'])", "x264"),
        (b"/usr/bin/g++ -v", "g++"),
        (b"python3.11 -m a", "python3.11"),
        ("echo größe; jq .".encode(), "jq"),
    ],
)
def test_a_word_is_found_wherever_it_stands(text: bytes, word: str) -> None:
    assert word in (words_of(text) or ())


def test_words_stand_once_and_in_order() -> None:
    assert words_of(b"b a b\nc") == ("a", "b", "c")
    assert words_of(b"") == ()


def test_a_script_with_too_many_words_says_nothing_rather_than_a_part() -> None:
    assert words_of(b" ".join(b"w%d" % number for number in range(MAX_WORDS))) is not None
    assert words_of(b" ".join(b"w%d" % number for number in range(MAX_WORDS + 1))) is None
