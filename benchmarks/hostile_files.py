"""Read and validate pipeline files that repeat one construct until they are 10 MB large.

Run: python benchmarks/hostile_files.py [MEGABYTES] [CONSTRUCT ...]

Each file is read and validated in a process of its own. Prints the seconds and the memory, and
both as ratios to ``json.loads`` of the same file. Exit status 1 if a file takes more than half a
second or 50 MB for each of its megabytes; it has to be the same for large files and for small ones.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

SECONDS = 0.5
"""For each megabyte."""

MEMORY = 50
"""Bytes for each byte."""

HEAD = '{"format": "modeldesk-pipeline", "version": 1'


def repeated(piece: Callable[[int], str], size: int, separator: str = ",") -> str:
    """Return pieces with different numbers until they have a size in characters."""
    pieces = []
    length = 0
    for number in count():
        if length >= size:
            break
        pieces.append(piece(number))
        length += len(pieces[-1]) + len(separator)
    return separator.join(pieces)


def nodes(piece: Callable[[int], str], more: str = "") -> Callable[[int], str]:
    """Return a maker of files with many nodes."""
    return lambda size: f'{HEAD}, "nodes": {{{repeated(piece, size)}}}{more}}}'


def links(piece: Callable[[int], str], nodes: str) -> Callable[[int], str]:
    """Return a maker of files with many links between a few nodes."""
    return lambda size: f'{HEAD}, "nodes": {{{nodes}}}, "links": [{repeated(piece, size)}]}}'


def members(key: str, piece: Callable[[int], str], brackets: str = "{}") -> Callable[[int], str]:
    """Return a maker of files with one large object or list."""
    return lambda size: f'{HEAD}, "{key}": {brackets[0]}{repeated(piece, size)}{brackets[1]}}}'


def with_value(value: Callable[[int], str], parameter: str = "path", module: str = "dataset"):  # type: ignore[no-untyped-def]
    """Return a maker of files with one node and one large value."""
    return lambda size: (
        f'{HEAD}, "nodes": {{"a": {{"module": "{module}", '
        f'"parameters": {{"{parameter}": {value(size)}}}}}}}}}'
    )


def nested(size: int) -> str:
    """Return groups as deep as they may be, with long ids and many nodes at the bottom."""
    name = "g" * 99
    start = "".join(f'"groups": {{"{name}": {{' for _ in range(19))
    inside = repeated(lambda n: f'"n{n}":{{"module":"m"}}', size)
    return f'{HEAD}, {start}"nodes": {{{inside}}}{"}}" * 19}}}'


def many_groups(size: int) -> str:
    """Return many groups with a node each."""
    inside = repeated(lambda n: f'"g{n}": {{"nodes": {{"a": {{"module": "split_data"}}}}}}', size)
    return f'{HEAD}, "groups": {{{inside}}}}}'


def bound_to_nothing(size: int) -> str:
    """Return many pipeline parameters, and as many bindings to others."""
    defined = repeated(lambda n: f'"defined_{n}": {{"type": "text"}}', size // 2)
    bound = repeated(
        lambda n: NODE.format(n, "dataset", f'"path": {{"$parameter": "define_{n}"}}'), size // 2
    )
    return f'{HEAD}, "parameters": {{{defined}}}, "nodes": {{{bound}}}}}'


def bound_to_large(text: str, parameter: str = "query") -> Callable[[int], str]:
    """Return a maker of many nodes that are bound to the same large value."""

    def make(size: int) -> str:
        value = json.dumps(text * (size // 2 // len(text)))
        module = "apply_sql_transformation" if parameter == "query" else "split_data"
        bound = repeated(
            lambda n: (
                f'"a{n}": {{"module": "{module}", '
                f'"parameters": {{"{parameter}": {{"$parameter": "p"}}}}}}'
            ),
            size // 2,
        )
        default = f'"p": {{"type": "text", "default": {value}}}'
        return f'{HEAD}, "parameters": {{{default}}}, "nodes": {{{bound}}}}}'

    return make


def missing_ends(size: int) -> str:
    """Return nodes, and links to other nodes with similar names."""
    there = repeated(lambda n: f'"split_data_{n}": {{"module": "split_data"}}', size // 2)
    ends = repeated(lambda n: f'{{"from": "split_dat_{n}.x", "to": "split_date_{n}.y"}}', size // 2)
    return f'{HEAD}, "nodes": {{{there}}}, "links": [{ends}]}}'


def chain(closed: bool) -> Callable[[int], str]:
    """Return a maker of one long chain of nodes, disabled at its start or closed."""

    def make(size: int) -> str:
        length = size // 95
        first = '"n0": {"module": "split_data", "disabled": true}'
        rest = ", ".join(f'"n{n}": {{"module": "split_data"}}' for n in range(1, length))
        joined = ", ".join(
            f'{{"from": "n{n}.results_dataset1", "to": "n{n + 1}.dataset"}}'
            for n in range(length - 1)
        )
        back = f', {{"from": "n{length - 1}.results_dataset1", "to": "n0.dataset"}}'
        return (
            f'{HEAD}, "nodes": {{{first}, {rest}}}, "links": [{joined}{back if closed else ""}]}}'
        )

    return make


def web_service_inputs(size: int) -> str:
    """Return many disabled Web Service Inputs that are linked to the same input."""
    inside = repeated(
        lambda n: f'"w{n}": {{"module": "web_service_input", "disabled": true}}', size // 2
    )
    ends = repeated(lambda n: f'{{"from": "w{n}.dataset", "to": "s.dataset"}}', size // 2)
    there = '"s": {"module": "split_data"}, "d": {"module": "dataset"}'
    real = '{"from": "d.dataset", "to": "s.dataset"}'
    return f'{HEAD}, "nodes": {{{inside}, {there}}}, "links": [{ends}, {real}]}}'


def repeated_keys(size: int) -> str:
    """Return deep lists with many objects, the last of which has a key twice."""
    inside = repeated(lambda n: f'{{"key_{n}": {n}}}', size)
    return f'{HEAD}, "x": {"[" * 90}{inside}, {{"a": 1, "a": 2}}{"]" * 90}}}'


WRONG = ", ".join(f'"fractio_{i}": 1' for i in range(9))
NODE = '"a{}": {{"module": "{}", "parameters": {{{}}}}}'
TWO = '"a": {"module": "split_data"}, "b": {"module": "split_data"}'

CONSTRUCTS: dict[str, Callable[[int], str]] = {
    "nodes": nodes(lambda n: f'"a{n}": {{"module": "split_data"}}'),
    "tiny nodes": nodes(lambda n: f'"a{n}":{{"module":"x"}}'),
    "unknown modules": nodes(lambda n: f'"a{n}": {{"module": "split_dat_{n}"}}'),
    "unknown parameters": nodes(lambda n: NODE.format(n, "split_data", WRONG)),
    "wrong values": nodes(lambda n: NODE.format(n, "split_data", '"fraction": "many"')),
    "absent files": nodes(lambda n: NODE.format(n, "dataset", f'"path": "data_{n}.csv"')),
    "absent datasets": nodes(lambda n: NODE.format(n, "dataset", f'"path": "dataset:iris_{n}"')),
    "notes": members("notes", lambda n: f'"n{n}": {{"text": "x"}}'),
    "groups": many_groups,
    "nested groups": nested,
    "pipeline parameters": members("parameters", lambda n: f'"p{n}": {{"default": 1}}'),
    "bindings to nothing": bound_to_nothing,
    "bindings to a large text": bound_to_large("://:"),
    "bindings to a wrong choice": bound_to_large("x", "splitting_mode"),
    "links": links(lambda n: f'{{"from": "a.results_dataset1", "to": "b.x{n}"}}', TWO),
    "equal links": links(
        lambda n: f'{{"from": "a.results_dataset1", "to": "b.dataset", "x{n}": 1}}', TWO
    ),
    "links to nothing": missing_ends,
    "disabled chain": chain(closed=False),
    "cycle": chain(closed=True),
    "web service inputs": web_service_inputs,
    "repeated keys": repeated_keys,
    "passwords": with_value(lambda size: json.dumps("://:" * (size // 4))),
    "passwords before @": with_value(lambda size: json.dumps("://:@ " * (size // 6))),
    "long path": with_value(lambda size: json.dumps("a/" * (size // 2))),
    "long script": with_value(
        lambda size: json.dumps("select '';\n" * (size // 12)), "query", "apply_sql_transformation"
    ),
    "long text": with_value(lambda size: json.dumps("x" * size), "splitting_mode", "split_data"),
    "column names": with_value(
        lambda size: f"[{repeated(lambda n: json.dumps(str(n)), size)}]",
        "columns",
        "select_columns_in_dataset",
    ),
    "wrong list": with_value(
        lambda size: f"[{repeated(str, size)}]", "columns", "add_missing_columns"
    ),
    "empty lists": members("x", lambda n: "[]", "[]"),
    "small objects": members("x", lambda n: '{"":0}', "[]"),
    "numbers": members("x", lambda n: "1e9", "[]"),
    "long number": lambda size: f'{HEAD}, "x": 0.{"1" * size}}}',
    "long integer": lambda size: f'{HEAD}, "x": {"1" * size}}}',
    "deep lists": lambda size: f'{HEAD}, "x": {"[" * size}',
    "deep and broad": lambda size: (
        f'{HEAD}, "x": {"[" * 95}{repeated(lambda n: "1", size)}{"]" * 95}}}'
    ),
    "escapes": lambda size: f'{HEAD}, "x": "{chr(92) * 2 * (size // 2)}", "links": 1}}',
    "long key": lambda size: f'{HEAD}, "nodes": {{"{"A" * size}": {{}}}}}}',
    "long module": nodes(lambda n: f'"a{n}": {{"module": "{"m" * 100_000}"}}'),
    "blank lines": lambda size: HEAD + "\n" * size + "?",
    "not UTF-8": lambda size: HEAD + "\ud800" * size,
}
"""Makers of a file's text from its size in bytes."""


def check(file: str) -> None:
    """Read and validate a file; print seconds, and memory in bytes, without and with it."""
    from designer.catalog import load_catalog
    from designer.pipeline.file import PipelineFileError, read
    from designer.pipeline.validation import validate

    catalog = load_catalog()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        problems = validate(read(file), catalog, base=Path(file).parent, datasets=("iris",))
        outcome = f"{len(problems):,} problems"
    except PipelineFileError as error:
        outcome = error.message[:60]
    seconds = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(json.dumps([seconds, memory, outcome]))


def only_parse(file: str) -> None:
    """Parse a file as JSON; print as :func:`check` does."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(Path(file).read_bytes())
    seconds = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(json.dumps([seconds, memory, ""]))


def figures(function: str, file: Path) -> tuple[float, int, str]:
    """Call one of the functions above in a process of its own."""
    command = [sys.executable, __file__, f"--{function}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        return 900.0, 2**40, (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
    seconds, memory, outcome = json.loads(done.stdout)
    return seconds, memory, outcome


def measured(size: int, names: list[str]) -> Iterator[bool]:
    """Print a line for each construct; yield whether it keeps the limits."""
    print(f"{'construct':27}{'seconds':>9}{'ratio':>7}{'MB':>7}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            file = Path(folder, "hostile.pipeline.json")
            file.write_bytes(CONSTRUCTS[name](size).encode("utf-8", "surrogatepass"))
            plain = figures("parse", file)
            seconds, memory, outcome = figures("check", file)
            ratios = seconds / max(plain[0], 0.001), memory / max(plain[1], 1_000_000)
            good = seconds <= SECONDS * size / 1e6 + 0.1 and memory <= MEMORY * size + 20e6
            print(
                f"{name:27}{seconds:9.2f}{ratios[0]:7.1f}{memory / 1e6:7.0f}{ratios[1]:7.1f}"
                f"  {'' if good else 'TOO MUCH: '}{outcome}",
                flush=True,
            )
            yield good


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    elif sys.argv[1:2] == ["--parse"]:
        only_parse(sys.argv[2])
    else:
        wanted = sys.argv[2:] or list(CONSTRUCTS)
        size = int(float(sys.argv[1] if len(sys.argv) > 1 else 10) * 1e6)
        sys.exit(0 if all(list(measured(size, wanted))) else 1)
