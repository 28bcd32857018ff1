"""Memory does not grow with the image: trivy#2017 (23 GB), grype#1509 (12 GB), stereoscope#233, syft#3800 (20 to 30 GB).

Each runs in a process of its own, which makes its layers while they are read, so that only the reader's memory counts.
"""

import subprocess
import sys

import pytest

MOST_MB = 150

_PROGRAM = """
import sys
from seawall.facts.images import assemble
from seawall.formats.image_layers import LayerReader
from seawall.formats.tar_members import TarReader
from seawall.model.image import Descriptor, Image, ImageLayer, Platform
from seawall.model.image_contents import ReadImage
from seawall.sources.images.spool import mapped

def header(name, size, mode=0o644):
    block = bytearray(512)
    block[: len(name)] = name
    block[100:136] = b"%07o\\0%07o\\0%07o\\0%011o\\0" % (mode, 0, 0, size)
    block[148:156], block[156:157], block[257:265] = b" " * 8, b"0", b"ustar\\00000"
    block[148:156] = b"%06o\\0 " % sum(block)
    return bytes(block)

def many(first, mode):
    for start in range(first, first + FILES, 1000):
        names = (b"srv/%05x/%05x/file-%07d.bin" % (n // 100, n // 10, n) for n in range(start, start + 1000))
        yield b"".join(header(name, 0, mode) for name in names)

def large():
    chunk = bytes(1 << 20)
    for number in range(4):
        yield header(b"bin/program%d" % number, 256 << 20, 0o755) + b"\\x7fELF\\2\\1\\1" + bytes(9) + b"\\2" + bytes(495)
        yield from [chunk] * 255
        yield chunk[512:]

def read(chunks):
    return LayerReader("", mapped).read(TarReader(chunks))

FILES = 250_000
contents = CONTENTS
layers = tuple(ImageLayer(number=n, blob=Descriptor(digest=""), diff_id=str(n)) for n in range(1, len(contents) + 1))
image = Image(name="app", digest="", config_digest="", platform=Platform("linux", ""), layers=layers)
inventory = assemble(ReadImage(image=image, kind="oci-layout", contents=contents))
# VmHWM and not ru_maxrss, which a child inherits from a parent that is larger than itself.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak // 1024, sum(use.files for use in inventory.layers))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("contents", "files"),
    [
        ("(read(many(0, 0o644)), read(many(125_000, 0o644)))", 500_000),  # half of them hidden
        ("(read(many(0, 0o666)),)", 250_000),  # every one of them stands out
        ("(read(large()),)", 4),
    ],
)
def test_an_image_of_any_size_is_read_in_150_mb(contents: str, files: int) -> None:
    program = _PROGRAM.replace("CONTENTS", contents)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=300)
    peak, count = map(int, done.stdout.split())
    assert count == files
    assert peak < MOST_MB
