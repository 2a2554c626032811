"""Plan, fingerprints, store and logs, each by itself and without workers."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.engine import entries, logs
from designer.engine.fingerprints import SourceDigests, canonical, digest, step_fingerprint
from designer.engine.logs import LogFile
from designer.engine.plan import make_plan
from designer.engine.store import Store
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace, WorkspaceError


def test_the_engine_needs_no_heavy_library_and_no_qt(tmp_path):
    code = """
        import sys
        from designer.catalog import load_catalog
        from designer.engine import Engine
        from designer.pipeline.model import Node, Pipeline
        from designer.workspace import Workspace, WorkspaceError
        from pathlib import Path
        heavy = {"pandas", "numpy", "pyarrow", "scipy", "sklearn", "skops", "PySide6", "mlflow"}
        if __name__ == "__main__":
            with Engine(Workspace(Path(sys.argv[1])), load_catalog(), workers=1) as engine:
                pipeline = Pipeline(nodes={"l": Node("l", "linear_regression")})
                assert engine.run(pipeline, base=Path.cwd()).status == "completed"
                assert engine.run(pipeline, base=Path.cwd()).nodes["l"].status == "reused"
                engine.sample(pipeline, base=Path.cwd())
            print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
    """
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "w")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]"


# Plan


def plan_of(pipeline: Pipeline, catalog, tmp_path: Path, **options):
    return make_plan(
        pipeline, catalog, base=tmp_path, workspace=Workspace(tmp_path / "w"), **options
    )


def test_a_plan_of_ten_thousand_steps_takes_a_second_at_most(catalog, tmp_path):
    def diamonds(count: int) -> Pipeline:
        nodes = {"n0": Node("n0", "numbers")}
        links = []
        for number in range(1, count // 3 + 1):
            above = f"n{number - 1}", "numbers" if number == 1 else "sums"
            for name in (f"a{number}", f"b{number}"):
                nodes[name] = Node(name, "add", parameters={"amount": number})
                links.append(Link(Endpoint(*above), Endpoint(name, "first")))
            nodes[f"n{number}"] = Node(f"n{number}", "add")
            for name, port in ((f"a{number}", "first"), (f"b{number}", "second")):
                links.append(Link(Endpoint(name, "sums"), Endpoint(f"n{number}", port)))
        return Pipeline(nodes=nodes, links=tuple(links))

    large = diamonds(10_000)
    began = time.process_time()
    plan = plan_of(large, catalog, tmp_path)
    assert time.process_time() - began < 1
    place = {node: number for number, node in enumerate(plan.steps)}
    assert all(place[link.source.node] < place[link.target.node] for link in large.links)


def test_threads_depend_on_how_many_steps_can_run_at_once(catalog, tmp_path, build):
    chain = build({"n": "numbers", "a": "add"}, "n.numbers > a.first")
    assert {s.threads for s in plan_of(chain, catalog, tmp_path, cores=8).steps.values()} == {8}
    wide = build(
        {"n": "numbers", **{f"a{number}": "add" for number in range(4)}},
        *(f"n.numbers > a{number}.first" for number in range(4)),
    )
    threads = {n: s.threads for n, s in plan_of(wide, catalog, tmp_path, cores=8).steps.items()}
    assert threads == {"n": 8, "a0": 2, "a1": 2, "a2": 2, "a3": 2}
    few = plan_of(wide, catalog, tmp_path, cores=8, workers=2)
    assert few.steps["a0"].threads == 4
    many = plan_of(wide, catalog, tmp_path, cores=2)
    assert many.steps["a0"].threads == 1


def test_paths_become_absolute_for_the_module_only(catalog, tmp_path, build):
    (tmp_path / "lines.txt").write_text("x")
    step = plan_of(build({"r": ("read_lines", {"path": "lines.txt"})}), catalog, tmp_path).steps[
        "r"
    ]
    assert step.arguments["path"] == str(tmp_path / "lines.txt")
    assert step.parameters["path"] == "lines.txt"
    assert step.files == (tmp_path / "lines.txt",)


def test_a_registered_dataset_is_found_by_its_name(catalog, tmp_path, build):
    (tmp_path / "mine.txt").write_text("x")
    workspace = Workspace(tmp_path / "w")
    copy = workspace.register_dataset("My lines", tmp_path / "mine.txt")
    pipeline = build(
        {
            "r": ("read_lines", {"path": "dataset:My lines"}),
            "q": ("read_lines", {"path": "dataset:Yours"}),
        }
    )
    steps = make_plan(pipeline, catalog, base=tmp_path, workspace=workspace).steps
    assert steps["r"].files == (copy,)
    assert steps["q"].problem["code"] == "dataset-unknown"
    assert "Yours" in steps["q"].problem["message"]


# Fingerprints


def test_a_fingerprint_changes_with_everything_that_decides_the_result(catalog):
    spec = catalog["add"]
    base = {"code": "c", "parameters": {"amount": 1}, "inputs": {"first": "k:x"}, "files": ["f"]}

    def of(**changes):
        return step_fingerprint(spec, **(base | changes))

    assert of() == of()
    assert of() != of(code="d")
    assert of() != of(parameters={"amount": 2})
    assert of() != of(inputs={"first": "k:y"})
    assert of() != of(inputs={"second": "k:x"})
    assert of() != of(files=["g"])
    assert of() != of(sample=100)
    other = step_fingerprint(catalog["halves"], **base)
    assert of() != other


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain))
def test_the_order_of_keys_does_not_matter(content):
    turned = dict(reversed(list(content.items())))
    assert canonical(turned) == canonical(content)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_parts_have_different_digests(first, second):
    assert (digest(*first) == digest(*second)) == (first == second)


@pytest.mark.parametrize(
    "statement",
    [
        "from pack.deep.helper import x",
        "import pack.deep.helper",
        "from pack.deep import helper",
        "from . import deep",
        "from .deep.helper import x",
        "def f():\n    from pack.deep import helper",
    ],
)
def test_the_source_of_what_a_module_imports_counts(tmp_path, statement):
    package = tmp_path / "pack"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "deep" / "__init__.py").write_text("from pack.deep import helper")
    (package / "deep" / "helper.py").write_text("x = 1")
    (package / "other.py").write_text("y = 1")
    (package / "main.py").write_text(statement)

    def found() -> str:
        return SourceDigests().closure(package / "main.py", "pack", {"pack": tmp_path})

    before = found()
    (package / "other.py").write_text("y = 2")
    assert found() == before
    (package / "deep" / "helper.py").write_text("x = 2")
    assert found() != before


def test_a_changed_source_is_noticed_by_the_same_digests(tmp_path):
    file = tmp_path / "one.py"
    digests = SourceDigests()
    file.write_text("x = 1")
    before = digests.closure(file, "", {"": tmp_path})
    assert digests.closure(file, "", {"": tmp_path}) == before
    file.write_text("x = 22")
    assert digests.closure(file, "", {"": tmp_path}) != before
    file.write_text("this is (not Python")
    assert digests.closure(file, "", {"": tmp_path}) != before


# Store


def save(value: bytes, folder: Path) -> dict[str, object]:
    folder.mkdir()
    (folder / "data").write_bytes(value)
    return {"type": "Files"}


def put(store: Store, name: str, content: bytes = b"content") -> str:
    key = digest(name)
    manifest = entries.write_entry(store.folder, key, {"out": content}, save, {"base": name})
    store.add(manifest)
    return key


def test_an_entry_is_found_by_its_fingerprint_and_survives_a_restart(tmp_path):
    store = Store(tmp_path)
    key = put(store, "one")
    assert store.find("one", "run")["key"] == key
    assert store.find("two", "run") is None
    store.close()
    again = Store(tmp_path)
    assert again.find("one", "run")["key"] == key
    assert (again.path(key) / "out" / "data").read_bytes() == b"content"
    again.close()


@pytest.mark.parametrize("harm", ["remove", "garbage"])
def test_a_lost_index_is_made_anew(tmp_path, harm, caplog):
    store = Store(tmp_path)
    put(store, "one")
    store.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    if harm == "garbage":
        (tmp_path / "index.sqlite").write_bytes(b"this is no database" * 100)
    again = Store(tmp_path)
    assert again.find("one", "run") is not None
    assert again.size() == 7
    assert ("damaged" in caplog.text) is (harm == "garbage")
    again.close()


def test_what_was_used_least_recently_goes_first(tmp_path):
    store = Store(tmp_path, limit=25)
    keys = {name: put(store, name, b"0123456789") for name in "ab"}
    assert store.tidy() == []
    store.find("a", "run")
    store.release("run")
    keys["c"] = put(store, "c", b"0123456789")
    assert store.tidy() == [keys["b"]]
    assert not store.path(keys["b"]).exists()
    assert store.find("b", "run") is None
    assert store.find("a", "run") is not None
    store.close()


def test_what_a_run_needs_stays_even_beyond_the_limit(tmp_path):
    store, other = Store(tmp_path, limit=5), Store(tmp_path, limit=5)
    key = put(store, "a", b"0123456789")
    assert other.find("a", "their run") is not None
    assert store.tidy() == []
    other.release("their run")
    assert store.tidy() == [key]
    assert other.find("a", "their run") is None
    for each in (store, other):
        each.close()


def test_the_first_of_two_writers_wins_and_nothing_is_left_behind(tmp_path):
    store = Store(tmp_path)
    key = put(store, "a", b"first")
    assert put(store, "a", b"again") == key
    assert (store.path(key) / "out" / "data").read_bytes() == b"first"
    manifest = entries.write_entry(
        tmp_path, key, {"out": b"third"}, save, {"base": "a"}, replace=True
    )
    store.add(manifest)
    assert (store.path(key) / "out" / "data").read_bytes() == b"third"
    assert store.find("a", "run") is not None
    assert list((tmp_path / "unfinished").iterdir()) == []
    store.close()


@pytest.fixture
def keeps_what_is_in_use(monkeypatch):
    """Act as Windows does with a file that a process has mapped: ``data`` in an entry."""

    def refuse(call, place):
        def refusing(path, *more, **options):
            if place(path, *more):
                raise PermissionError(13, "Permission denied", str(path))
            return call(path, *more, **options)

        return refusing

    def in_use(path, *_):
        return os.path.basename(path) == "data"

    monkeypatch.setattr(os, "unlink", refuse(os.unlink, in_use))
    monkeypatch.setattr(os, "replace", refuse(os.replace, lambda _, to: in_use(to)))
    monkeypatch.setattr(
        Path, "rename", refuse(Path.rename, lambda path, _: (path / "out" / "data").exists())
    )


@pytest.mark.usefixtures("keeps_what_is_in_use")
def test_a_result_in_use_that_is_computed_again_stays_whole(tmp_path):
    key = "ab" * 20
    folder = entries.entry_folder(tmp_path, key)
    (folder / "out").mkdir(parents=True)
    (folder / "out" / "data").write_bytes(b"content")
    os.utime(folder / "out" / "data", (1, 1))
    store = Store(tmp_path)
    for content in (b"content", b"content"):
        manifest = entries.write_entry(
            tmp_path, key, {"out": content}, save, {"base": "a"}, replace=True
        )
        store.add(manifest)
        assert store.find("a", "run") is not None
    with pytest.raises(PermissionError):
        entries.write_entry(tmp_path, key, {"out": b"other"}, save, {"base": "a"}, replace=True)
    assert (folder / "out" / "data").read_bytes() == b"content"
    assert store.find("a", "run") is None
    store.close()


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    def fail(value: bytes, folder: Path) -> dict[str, object]:
        save(value, folder)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        entries.write_entry(tmp_path, "ab" * 20, {"out": b"x"}, fail, {})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_dead_writer_left_is_removed(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    for pid in (process.pid, os.getpid()):
        (tmp_path / "unfinished" / f"abc-{pid}-1234").mkdir(parents=True)
    Store(tmp_path).close()
    left = [path.name for path in (tmp_path / "unfinished").iterdir()]
    assert left == [f"abc-{os.getpid()}-1234"]


def test_a_store_may_be_copied(tmp_path):
    import shutil

    store = Store(tmp_path / "one")
    put(store, "a")
    store.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    copy = Store(tmp_path / "two")
    for _ in range(2):
        assert copy.find("a", "run") is not None
    copy.close()


def test_an_index_that_can_not_be_written_any_more_stops_nothing(tmp_path, caplog):
    store = Store(tmp_path)
    key = put(store, "a")
    # As on a full disk: the file can't grow.
    (pages,) = store._database.execute("PRAGMA page_count").fetchone()
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(500):
        put(store, f"more {number}")
        store.pin(digest(str(number)), "run " * 50)
    assert "The index of the store can't be written" in caplog.text
    assert "full" in caplog.text
    assert store.get(key, "run")["key"] == key
    file = tmp_path / "some file"
    file.write_text("x")
    os.utime(file, (1, 1))
    assert store.content_digest(file) == store.content_digest(file)
    store.release("run " * 50)
    assert store.tidy() == []
    store.close()
    # What the index missed, the next one doesn't find, and makes again.
    again = Store(tmp_path)
    assert again.get(key, "run")["key"] == key
    again.close()


@pytest.mark.parametrize("harm", ["file", "index"])
def test_a_folder_that_can_not_be_used_is_said_with_its_name(tmp_path, harm):
    place = tmp_path / "w"
    if harm == "file":
        place.write_text("")
    else:
        (place / "store" / "index.sqlite").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="can't be used") as raised:
        Store(place / "store")
    assert f"“{place}”" in raised.value.message
    assert raised.value.hint
    twin = copy.copy(raised.value)
    assert (twin.message, twin.hint) == (raised.value.message, raised.value.hint)


def test_a_folder_has_a_digest_of_names_and_contents(tmp_path):
    store = Store(tmp_path / "store")
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a").write_text("1")
    before = store.content_digest(folder)
    assert store.content_digest(folder) == before
    (folder / "deep" / "a").rename(folder / "deep" / "b")
    renamed = store.content_digest(folder)
    (folder / "deep" / "b").write_text("2")
    assert len({before, renamed, store.content_digest(folder)}) == 3
    store.close()


# Logs


@given(st.lists(st.binary(max_size=50), max_size=60))
def test_a_log_keeps_everything_or_beginning_and_end(tmp_path_factory, chunks):
    path = tmp_path_factory.mktemp("logs") / "log"
    before = logs.HEAD, logs.TAIL
    logs.HEAD, logs.TAIL = 200, 100
    try:
        log = LogFile(path)
        for chunk in chunks:
            log.write(chunk)
        log.close()
    finally:
        logs.HEAD, logs.TAIL = before
    everything = b"".join(chunks)
    kept = path.read_bytes()
    if len(everything) <= 300:
        assert kept == everything
    else:
        assert kept.startswith(everything[:200])
        assert kept.endswith(everything[-100:])
        assert f"{len(everything) - 300:,} bytes are left out".encode() in kept


def test_a_log_tells_whole_lines(tmp_path):
    lines: list[str] = []
    log = LogFile(tmp_path / "log", lines.append)
    for chunk in (b"one\ntw", b"o\r\n", "dr\u00fc".encode()[:3], "dr\u00fc".encode()[3:], b"ben"):
        log.write(chunk)
    assert lines == ["one", "two"]
    log.close()
    assert lines == ["one", "two", "drüben"]
    log.write(b"late")
    assert (tmp_path / "log").read_text() == "one\ntwo\r\ndrüben".replace("\r\n", "\n")
