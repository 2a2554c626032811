"""Read and validate pipeline files that were damaged in thousands of ways.

Run: python benchmarks/mutated_files.py [COUNT] [SEED]

Every sample in turn is changed at random: bytes are flipped, cut out, repeated or inserted; or,
in its JSON, values, names and links are replaced by odd ones, moved or nested. Each file is read,
validated, searched for code and addresses, and written again. An error with a sentence is right;
any other exception, or more than five seconds or a gigabyte, is a fault. Exit status 1 if there is
one.
"""

from __future__ import annotations

import copy
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

SECONDS = 5.0
"""Of the processor, for each file."""

MEMORY = 1_000_000_000
"""Bytes, of the whole program."""

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, 10**400, 1e308, -0.0, "", " ", "\x00", "\ud800", "a" * 10_000,
    "../../etc/passwd", "//host/share", "https://user:secret@host/x", "dataset:", "a.b", "A",
    "é/..", [], {}, [[]], {"$parameter": "p"}, {"$parameter": 1}, {"$secret": "s"}, {"": {}},
    {"$lines": ["a", 1]}, [{"from": "a.b", "to": "a.b"}], {"rules": [{"by": "names"}]},
    [None] * 1_000,
)  # fmt: skip

INSERTED = (
    b"\x00", b"\xff", b"{", b"]", b'"', b"\\u0000", b"\\ud800", b"1e999", b"NaN", b",", b"[" * 500,
)  # fmt: skip


def flipped(data: bytearray, chance: random.Random) -> None:
    """Change some bytes."""
    for _ in range(chance.choice([1, 1, 2, 20])):
        data[chance.randrange(len(data))] = chance.randrange(chance.choice([128, 256]))


def cut(data: bytearray, chance: random.Random) -> None:
    """Remove a part."""
    start = chance.randrange(len(data))
    del data[start : start + chance.randint(1, len(data))]


def repeated(data: bytearray, chance: random.Random) -> None:
    """Insert a part a second time, somewhere else."""
    start = chance.randrange(len(data))
    part = data[start : start + chance.randint(1, 2_000)]
    data[chance.randrange(len(data)) : 0] = part


def inserted(data: bytearray, chance: random.Random) -> None:
    """Insert bytes that mean something to a parser."""
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(data))
        data[place:place] = chance.choice(INSERTED)


def exchanged(data: bytearray, chance: random.Random) -> None:
    """Exchange two words."""
    words = [word for word in bytes(data).split(b'"')[1::2] if word]
    one, other = chance.choice(words), chance.choice(words)
    data[:] = bytes(data).replace(b'"%s"' % one, b'"%s"' % other, chance.randint(1, 3))


BYTES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    flipped, cut, repeated, inserted, exchanged,
)  # fmt: skip


def holders(value: Any) -> Iterator[Any]:
    """Yield every object and list that isn't empty."""
    if isinstance(value, (dict, list)) and value:
        yield value
        for each in children(value):
            yield from holders(each)


def children(value: Any) -> list[Any]:
    """Return the values of an object or list."""
    return list(value.values() if isinstance(value, dict) else value)


def restructured(document: Any, chance: random.Random) -> Any:
    """Return a document in which some values are replaced, moved, or gone."""
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        all_holders = list(holders(document))
        if not all_holders:
            break
        # Most often the parameters of a node: much of what is above is refused at once.
        inner = [
            each["parameters"]
            for each in all_holders
            if isinstance(each, dict)
            and isinstance(each.get("parameters"), dict)
            and each["parameters"]
        ]
        holder = chance.choice(inner if inner and chance.random() < 0.8 else all_holders)
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = chance.choice(keys)
        act = chance.randrange(5)
        if act == 0:
            holder[key] = copy.deepcopy(chance.choice(ODD))
        elif act == 1:
            holder[key] = copy.deepcopy(chance.choice(all_holders))
        elif act == 2:
            del holder[key]
        elif act == 3 and isinstance(holder, dict):
            name = chance.choice(["nodes", "links", "a", "", "é", "x/y", "module", "position"])
            holder[name] = holder.pop(key)
        else:
            for _ in range(chance.choice([1, 1, 1, 1, 3, 200])):
                holder[key] = [holder[key]] if chance.random() < 0.5 else {"a": holder[key]}
    return document


def mutated(sample: bytes, chance: random.Random) -> bytes:
    """Return a damaged copy of a file."""
    if chance.random() < 0.5:
        document = restructured(json.loads(sample), chance)
        return json.dumps(document, ensure_ascii=chance.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
    data = bytearray(sample)
    for _ in range(chance.choice([1, 1, 3])):
        chance.choice(BYTES)(data, chance)
        data = data or bytearray(b"{")
    return bytes(data)


def outcome(data: bytes, file: Path, catalog: Any, workspace: Any) -> str:
    """Do with a file what opening it does; return the result.

    Raises
    ------
    Exception
        Any one is a fault.
    """
    from designer.engine.accesses import accesses
    from designer.pipeline.file import PipelineFileError, dumps, read
    from designer.pipeline.validation import validate

    file.write_bytes(data)
    try:
        pipeline = read(file)
    except PipelineFileError:
        return "refused"
    problems = validate(pipeline, catalog, base=file.parent, datasets=())
    for problem in problems:
        json.dumps(problem.to_json())
    accesses(pipeline, catalog, file.parent, workspace)
    file.write_text(dumps(pipeline), "utf-8")
    again = read(file)
    # Links are written in a fixed order.
    same = replace(again, links=()) == replace(pipeline, links=())
    if not same or {*again.links} != {*pipeline.links}:
        raise ValueError("It changes when it is written and read.")
    return "with errors" if any(each.severity == "error" for each in problems) else "sound"


def attacked(count: int, seed: int) -> tuple[Counter[str], list[str], float]:
    """Damage and open files; return the outcomes, the faults, and the longest time in seconds."""
    from designer import paths
    from designer.catalog import load_catalog
    from designer.workspace import Workspace

    catalog = load_catalog()
    samples = [file.read_bytes() for file in sorted(paths.samples().glob("*.pipeline.json"))]
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "damaged.pipeline.json")
        workspace = Workspace(Path(folder) / "workspace")
        for number in range(count):
            data = mutated(samples[number % len(samples)], chance)
            began = time.process_time()
            try:
                outcomes[outcome(data, file, catalog, workspace)] += 1
            except Exception as error:
                faults.append(f"file {number}: {type(error).__name__}: {str(error)[:200]}")
            took = time.process_time() - began
            longest = max(longest, took)
            if took > SECONDS:
                faults.append(f"file {number}: {took:.1f} s")
    return outcomes, faults, longest


def main() -> int:
    """Print the outcomes and the faults."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12_500
    outcomes, faults, longest = attacked(count, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if memory > MEMORY:
        faults.append(f"{memory / 1e6:.0f} MB")
    print("\n".join(faults))
    shown = ", ".join(f"{number:,} {name}" for name, number in outcomes.items())
    print(f"{count:,} files: {shown}; at most {longest:.2f} s and {memory / 1e6:.0f} MB; ", end="")
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
