"""Frames of zstd end where the library that made them says so, and nowhere else."""

import struct

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.compression import CompressionError, decompressed
from seawall.formats.zstd_frames import ZstdFrames

CONTENTS = st.binary(max_size=300) | st.builds(
    lambda data, times: data * times, st.binary(max_size=9), st.integers(0, 40_000)
)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 4)) == 0:
        data = draw(st.binary(max_size=20))
        return struct.pack("<II", 0x184D2A50 + draw(st.integers(0, 15)), len(data)) + data
    parameters = zstandard.ZstdCompressionParameters.from_level(
        draw(st.sampled_from((-5, 1, 19))),
        write_content_size=draw(st.booleans()),
        write_checksum=draw(st.booleans()),
    )
    return zstandard.ZstdCompressor(compression_params=parameters).compress(draw(CONTENTS))


@given(st.lists(frames(), max_size=4), st.integers(1, 60))
def test_frames_end_at_their_ends_alone(made: list[bytes], step: int) -> None:
    ends, at = {0}, 0
    for frame in made:
        at += len(frame)
        ends.add(at)
    data = b"".join(made)
    for stop in sorted({*ends, *range(0, len(data) + 1, step)}):
        found = ZstdFrames()
        for start in range(0, stop, step):
            found.feed(data[start : min(start + step, stop)])
        assert found.is_between == (stop in ends)


@given(CONTENTS, st.data())
def test_a_stream_that_is_cut_off_is_an_error(content: bytes, data: st.DataObject) -> None:
    packed = zstandard.compress(content)
    assert b"".join(decompressed([packed])) == content
    cut = packed[: data.draw(st.integers(5, len(packed) - 1))]
    with pytest.raises(CompressionError, match="cut off"):
        list(decompressed([cut]))
