"""What is said of a smaller base is what happens on it: programs are built, judged, and run on it."""

import io
import subprocess
import tarfile
from pathlib import Path

import msgspec
import pytest

import seawall
from seawall.facts.application_search import find_application
from seawall.facts.base_advice import Verdict, judge
from seawall.facts.image_tree import read_tree
from seawall.facts.images import assemble
from seawall.formats import kubernetes_yaml
from seawall.formats.image_layers import LayerReader
from seawall.formats.tar_members import TarReader
from seawall.model.base_image import BaseImages
from seawall.model.image import Descriptor, Image, ImageConfig, ImageLayer, Platform
from seawall.model.image_contents import ReadImage
from seawall.sources.images.spool import mapped
from tests.testbed.system_programs import needs

_BASES = Path(seawall.__file__).parent / "detectors/bases.yaml"
_STATIC, _ALPINE = "gcr.io/distroless/static-debian12", "alpine:3.20"

_ANSWERS = '#include <stdio.h>\nint main(void) { puts("answer"); return 0; }\n'
_CALLS = '#include <stdlib.h>\nint main(void) { return system("echo answer"); }\n'

pytestmark = [
    pytest.mark.slow,
    needs("gcc", root=True),  # chroot
]


def verdict(program: Path, base: str) -> Verdict:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(program, "app/run")
    contents = LayerReader("1", mapped).read(TarReader([out.getvalue()]))
    layer = ImageLayer(number=1, blob=Descriptor(digest="1"), diff_id="1")
    config = ImageConfig(entrypoint=("/app/run",))
    image = Image(
        name="app", digest="", config_digest="", platform=Platform("linux", "amd64"), config=config, layers=(layer,)
    )
    inventory = assemble(ReadImage(image=image, kind="image", contents=(contents,)))
    tree = read_tree(inventory)
    assert tree is not None
    application = find_application(inventory, tree)
    assert application is not None
    document = kubernetes_yaml.parse("bases.yaml", _BASES.read_bytes()).documents[0].value
    bases = {one.name: one for one in reversed(msgspec.convert(document, BaseImages).bases)}
    return judge(application, tree, bases[base])


def build(folder: Path, source: str, *options: str) -> Path:
    (folder / "main.c").write_text(source)
    program = folder / "root/run"
    program.parent.mkdir()
    subprocess.run(["gcc", *options, "-o", program, folder / "main.c"], check=True, timeout=60)
    return program


def run_alone(program: Path) -> tuple[int, str]:
    """Run the program where there is nothing else, as in an image without a C library."""
    done = subprocess.run(["chroot", program.parent, "/run"], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout


def test_a_static_program_is_said_to_run_without_a_c_library_and_does(tmp_path: Path) -> None:
    program = build(tmp_path, _ANSWERS, "-static")
    assert verdict(program, _STATIC) == Verdict(verdict(program, _STATIC).base, "yes", ())
    assert run_alone(program) == (0, "answer\n")


def test_a_dynamic_program_is_said_not_to_run_without_a_c_library_and_does_not(tmp_path: Path) -> None:
    program = build(tmp_path, _ANSWERS)
    found = verdict(program, _STATIC)
    assert (found.runs, found.reasons[0]) == ("no", "a program is built for glibc, and it has no C library")
    assert verdict(program, _ALPINE).runs == "no"
    assert run_alone(program)[0] != 0


def test_a_program_that_may_start_others_is_never_said_to_run_where_there_is_no_shell(tmp_path: Path) -> None:
    program = build(tmp_path, _CALLS, "-static")
    found = verdict(program, _STATIC)
    assert found.runs == "unknown"
    assert found.reasons[0] == "it has no /bin/sh, and /app/run may start one"
    assert "answer" not in run_alone(program)[1]
