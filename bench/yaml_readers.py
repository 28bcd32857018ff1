"""YAML benchmark: Seawall's fast and exact readers beside libraries, on the same documents, in one process.

    python bench/yaml_readers.py CORPUS [--runs 3]          (CORPUS: a directory with manifests, such as from bench/corpus.py)

Prints CPU seconds (the best of the runs), MB/s and the ratio to PyYAML's C loader, which most Python tools read YAML with.
Only Seawall's readers give what Kubernetes reads; the others say what speed costs elsewhere. rapidyaml is measured when it is
installed. "every line new" forgets the lines of one document before the next: what the memory of lines earns.
"""

import argparse
import contextlib
import gc
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from seawall.formats import kubernetes_yaml, kubernetes_yaml_fast
from seawall.formats.kubernetes_yaml_lines import DeclinedError
from seawall.formats.kubernetes_yaml_nodes import YamlError, compose, construct
from seawall.model.field_path import FieldPath

Work = Callable[[], object]


def read_files(directory: Path) -> dict[str, bytes]:
    """Return the YAML files below `directory` that hold no templates."""
    paths = sorted(path for path in directory.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
    return {str(path): data for path in paths if b"{{" not in (data := path.read_bytes())}


def split(files: Iterable[bytes]) -> list[str]:
    """Return the documents of `files` as text."""
    chunks = (chunk for data in files for chunk in ("\n" + data.decode()).replace("\r\n", "\n").split("\n---"))
    return [chunk.strip("\n") + "\n" for chunk in chunks if chunk.strip()]


def read_fast(texts: list[str], *, forget: bool = False) -> int:
    """Read all `texts` the fast way; return how many characters it declines."""
    declined = 0
    for text in texts:
        if forget:
            kubernetes_yaml_fast.forget_lines()
        try:
            kubernetes_yaml_fast.read_plain(text)
        except DeclinedError:
            declined += len(text)
    return declined


def read_exactly(texts: list[str]) -> None:
    """Read all `texts` with libyaml's events and goyaml's meaning."""
    for text in texts:
        try:
            root = compose(text)
            if root is not None:
                construct(root)
        except YamlError:
            pass


def read_with_pyyaml(texts: list[str]) -> None:
    """Read all `texts` with PyYAML's C loader."""
    for text in texts:
        loader = yaml.CSafeLoader(text)
        try:
            loader.get_single_data()
        except (yaml.YAMLError, ValueError, TypeError):
            pass
        finally:
            loader.dispose()


def read_with_rapidyaml(texts: list[bytes]) -> None:
    """Read all `texts` to rapidyaml's trees, without a value in Python."""
    import ryml

    for text in texts:
        with contextlib.suppress(ryml.ExceptionBasic):
            ryml.parse_in_arena(text)


def deep_fields(value: Any, prefix: FieldPath = ()) -> Iterable[FieldPath]:
    """Yield the paths of all scalars below `value`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from deep_fields(inner, (*prefix, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from deep_fields(inner, (*prefix, index))
    else:
        yield prefix


def measure(work: Work, runs: int) -> float:
    """Return the CPU seconds of the best of `runs`."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def measure_places(files: dict[str, bytes]) -> tuple[float, int]:
    """Return the CPU seconds to find six fields of each document for the first time, and how many that are."""
    parsed = [kubernetes_yaml.parse(name, data) for name, data in files.items()]
    wanted = []
    for file in parsed:
        for document in file.documents:
            fields = list(deep_fields(document.value))
            wanted += [(document, field) for field in fields[:: max(1, len(fields) // 6)][:6]]
    gc.collect()
    start = time.process_time()
    for document, field in wanted:
        document.locate(field)
    return time.process_time() - start, len(wanted)


def main() -> None:
    """Measure all readers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    files = read_files(options.corpus)
    texts = split(files.values())
    raw = [text.encode() for text in texts]
    size = sum(map(len, raw)) / 1e6
    gc.disable()
    declined = read_fast(texts)
    print(f"{len(texts)} documents, {size:.1f} MB; the fast way declines {declined / size / 1e4:.2f} % of them\n")
    readers: dict[str, Work] = {
        "PyYAML, C loader": lambda: read_with_pyyaml(texts),
        "exact reader": lambda: read_exactly(texts),
        "fast reader": lambda: read_fast(texts),
        "fast reader, every line new": lambda: read_fast(texts, forget=True),
        "files to documents": lambda: [kubernetes_yaml.parse(name, data) for name, data in files.items()],
    }
    try:
        import ryml  # noqa: F401
    except ImportError:
        pass
    else:
        readers["rapidyaml, tree alone"] = lambda: read_with_rapidyaml(raw)
    seconds = {name: measure(work, options.runs) for name, work in readers.items()}
    base = seconds["PyYAML, C loader"]
    print("| reader | CPU s | MB/s | times PyYAML's speed |\n| --- | --- | --- | --- |")
    for name, spent in seconds.items():
        print(f"| {name} | {spent:.2f} | {size / spent:.1f} | {base / spent:.1f} |")
    spent, count = measure_places(files)
    print(f"\n{count} fields located in {spent:.2f} s, {spent / count * 1e6:.1f} µs each")


if __name__ == "__main__":
    main()
