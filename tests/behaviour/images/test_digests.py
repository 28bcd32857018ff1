"""Bytes are what their digest says, or they are refused while they stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.oci_digests import DigestError, digest_of, verified
from seawall.model.image import Descriptor

DATA = b"layer bytes"


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_is_named_by_its_own_digest_passes_unchanged(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    descriptor = Descriptor(digest=digest_of(whole), size=len(whole))
    assert list(verified(chunks, descriptor)) == chunks


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_changed_bit_is_refused(whole: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DigestError, match="are those of"):
        list(verified([bytes(changed)], Descriptor(digest=digest_of(whole), size=len(whole))))


def test_more_bytes_than_announced_are_refused_before_the_end() -> None:
    def endless():  # type: ignore[no-untyped-def]
        while True:
            yield DATA

    with pytest.raises(DigestError, match="more than the 20 bytes"):
        list(verified(endless(), Descriptor(digest=digest_of(DATA), size=20)))


def test_fewer_bytes_than_announced_are_refused() -> None:
    with pytest.raises(DigestError, match="11 bytes and not the 12"):
        list(verified([DATA], Descriptor(digest=digest_of(DATA), size=12)))


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "md5:0cc175b9c0f1b6a831c399e269772661", "sha256:" + "A" * 64, "x" * 500]
)
def test_what_is_no_digest_is_refused(digest: str) -> None:
    with pytest.raises(DigestError, match="no sha256 or sha512 digest"):
        list(verified([DATA], Descriptor(digest=digest)))
