"""A store that is damaged, full or used by several at once, as a run finds it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from designer.engine import events
from designer.engine.fingerprints import digest
from modules.values import storage

posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups")


def test_a_damaged_result_is_made_again(new_engine, build, tmp_path, recorder, caplog):
    pipeline = build({"n": "numbers", "a": "add"}, "n.numbers > a.first")
    first = new_engine(workers=1).run(pipeline, base=tmp_path)
    path = first.nodes["n"].outputs["numbers"].path / "data.arrow"
    content = bytearray(path.read_bytes())
    state = path.stat()
    content[-200] ^= 1
    path.write_bytes(bytes(content))
    # Size and time are as they were: only the content tells.
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    second = new_engine(workers=1).run(pipeline, base=tmp_path, on_event=recorder)
    assert second.status == "completed"
    assert second.nodes["n"].status == "completed"
    assert second.nodes["a"].status == "reused"
    told = (
        "The stored result of “Numbers” (n) at “Numbers” is damaged, so the step runs again: "
        "“numbers/data.arrow” has different content."
    )
    assert [event.text for event in recorder.of(events.LogLine, "n")] == [told]
    assert told in caplog.text
    frame = storage.load(second.nodes["n"].outputs["numbers"].path).frame
    assert frame["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("harm", "words"), [("gone", "is gone."), ("damaged", "is damaged and can't be read.")]
)
def test_a_result_that_is_lost_while_the_run_needs_it_is_said_by_its_titles(
    new_engine, build, tmp_path, harm, words
):
    """The step that finds out fails at its own input, which says nothing of where that is from."""
    store = tmp_path / "workspace" / "store"
    source = (
        "import pathlib\n"
        f"for file in pathlib.Path({str(store)!r}).glob('entries/*/*/left/*'):\n"
        f"    file.unlink() if {harm!r} == 'gone' else file.write_bytes(b'x' * 9)\n"
    )
    if harm == "damaged":
        source = source.replace("left/*", "left/data.arrow")
    pipeline = build(
        {"n": "numbers", "h": "halves", "s": ("script", {"source": source}), "z": "add"},
        "n.numbers > h.table",
        "h.right > s.table",
        "h.left > z.first",
        "s.result > z.second",
    )
    assert new_engine().run(pipeline, base=tmp_path, to="h").status == "completed"
    result = new_engine().run(pipeline, base=tmp_path)
    assert result.nodes["s"].status == "completed"
    error = result.nodes["z"].error
    assert error["message"] == f"The stored result of “Halves” (h) at “Left” {words}"
    assert error["port"] == "first"


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def touch(path: Path) -> None:
    path.write_bytes(path.read_bytes())
    os.utime(path, (1, 1))


def scribble(path: Path) -> None:
    path.write_text("{")


def put_a_folder(path: Path) -> None:
    """Make a folder that no longer holds what its name says."""
    path.unlink()
    path.mkdir()
    (path / "something").write_text("else")


def put_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_text("something else")


@pytest.mark.parametrize(
    ("place", "harm"),
    [
        ("numbers/data.arrow", truncate),
        ("entry.json", scribble),
        ("numbers", put_a_file),
        ("", shutil.rmtree),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                ("numbers/data.arrow", touch),
                ("numbers/data.arrow", Path.unlink),
                ("numbers/data.arrow", put_a_folder),
                ("entry.json", Path.unlink),
                ("entry.json", put_a_folder),
                ("", put_a_file),
            )
        ),
    ],
)
def test_any_damage_is_noticed_by_the_engine_that_wrote_it_too(
    shared_engine, build, tmp_path, place, harm
):
    # Another number for each damage, so that each has an entry of its own.
    start = int(digest(place, harm.__name__)[:6], 16)
    pipeline = build({"n": ("numbers", {"start": start})})
    folder = shared_engine.run(pipeline, base=tmp_path).nodes["n"].outputs["numbers"].path
    harm(folder.parent / place)
    result = shared_engine.run(pipeline, base=tmp_path)
    assert result.nodes["n"].status == "completed"
    assert storage.load(folder).frame["x"].tolist() == [start, start + 1, start + 2]
    assert shared_engine.run(pipeline, base=tmp_path).nodes["n"].status == "reused"


def test_a_result_that_can_not_be_stored_is_said_with_the_place(new_engine, build, tmp_path):
    engine = new_engine()
    unfinished = engine.workspace.store_folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.write_text("in the way")
    pipeline = build({"n": "numbers"})
    error = engine.run(pipeline, base=tmp_path).nodes["n"].error
    assert error["code"] == "not-stored"
    assert f"can't be stored in “{unfinished}" in error["message"]
    assert error["message"].endswith(f": {os.strerror(errno.ENOTDIR).lower()}.")
    unfinished.unlink()
    assert engine.run(pipeline, base=tmp_path).status == "completed"


def test_a_step_is_skipped_that_waits_for_a_result_that_can_not_be_stored(
    new_engine, build, tmp_path
):
    engine = new_engine(workers=1)
    unfinished = engine.workspace.store_folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.write_text("in the way")
    # The one worker is busy when the sum could begin.
    pipeline = build(
        {"n": "numbers", "b": ("busy", {"note": str(tmp_path / "note")}), "a": "add"},
        "n.numbers > a.first",
    )
    skipped = threading.Event()
    handle = engine.start(
        pipeline,
        base=tmp_path,
        on_event=lambda event: skipped.set() if isinstance(event, events.Skipped) else None,
    )
    assert skipped.wait(60)
    handle.cancel()
    result = handle.wait(60)
    assert result is not None
    assert [result.nodes[node].status for node in "nab"] == ["failed", "skipped", "cancelled"]
    assert result.nodes["a"].reason == "“n” failed."


@pytest.mark.long
@posix
def test_a_full_disk_is_said_clearly_and_leaves_nothing_half_written(tmp_path, build):
    # The operating system refuses to let any file grow beyond a limit, as a full disk would.
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import json, resource, sys
from pathlib import Path
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline.model import Node, Pipeline
from designer.workspace import Workspace
if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
    catalog = load_catalog(Path({str(Path(__file__).parent / "toys")!r}))
    nodes = {{
        "small": Node("small", "numbers", parameters={{"start": 5}}),
        "big": Node("big", "numbers", parameters={{"rows": 1_000_000}}),
    }}
    with Engine(Workspace(Path({str(tmp_path / "w")!r})), catalog, workers=1) as engine:
        result = engine.run(Pipeline(nodes=nodes), base=Path.cwd())
        print(json.dumps(result.to_json()))
"""
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(program)],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    nodes = json.loads(done.stdout)["nodes"]
    assert nodes["small"]["status"] == "completed"
    assert nodes["big"]["status"] == "failed"
    assert nodes["big"]["error"]["code"] == "disk-full"
    assert "no space left" in nodes["big"]["error"]["message"]
    assert list((tmp_path / "w" / "store" / "unfinished").iterdir()) == []
    assert len(list((tmp_path / "w" / "store").glob("entries/*/*"))) == 1


def test_two_engines_use_one_store_at_once(new_engine, build, tmp_path):
    pipeline = build(
        {f"n{number}": ("numbers", {"start": number, "rows": 1000}) for number in range(12)}
        | {f"a{number}": "add" for number in range(12)},
        *(f"n{number}.numbers > a{number}.first" for number in range(12)),
    )
    engines = [new_engine(workers=1), new_engine(workers=1)]
    handles = [engine.start(pipeline, base=tmp_path) for engine in engines]
    results = [handle.wait(120) for handle in handles]
    for result in results:
        assert result.status == "completed"
        for number in range(12):
            output = result.nodes[f"a{number}"].outputs["sums"]
            frame = storage.load(output.path).frame
            assert frame["x"].tolist() == list(range(number + 1, number + 1001))
    assert results[0].nodes["a3"].outputs == results[1].nodes["a3"].outputs
    third = new_engine(workers=1).run(pipeline, base=tmp_path)
    assert {node.status for node in third.nodes.values()} == {"reused"}


def test_two_runs_of_one_engine_at_once(shared_engine, build, tmp_path):
    pipelines = [
        build(
            {"n": ("numbers", {"start": 77}), "a": ("add", {"amount": amount})},
            "n.numbers > a.first",
        )
        for amount in (1, 1, 2)
    ]
    handles = [shared_engine.start(pipeline, base=tmp_path) for pipeline in pipelines]
    results = [handle.wait(60) for handle in handles]
    values = [storage.load(r.nodes["a"].outputs["sums"].path).frame["x"][0] for r in results]
    assert values == [78, 78, 79]
