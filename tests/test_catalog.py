from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from designer.catalog import (
    USER_CATEGORY,
    Catalog,
    load_catalog,
)
from designer.extras import missing_distributions
from modules.contract.installed import ENTRY_POINTS, OWN
from modules.contract.specification import Category, ModuleSpec

ROOT = Path(__file__).parents[1]

MODULE = """
from modules.contract import DataTable, module


@module("{title}", outputs=("dataset",))
def {name}(dataset: DataTable, *, seed: int = {seed}) -> DataTable:
    \"\"\"Do something of one's own.\"\"\"
    return dataset
"""


@pytest.fixture(autouse=True)
def _own_modules_end_with_their_test() -> Iterator[None]:
    """Loaded ones would be found by what looks for modules in later tests, as Automated ML does."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(f"{OWN}."):
            del sys.modules[name]


def spec(name: str, category: Category | None = None, requires: tuple[str, ...] = ()) -> ModuleSpec:
    group = category or Category("")
    return ModuleSpec(name, name.title(), group, 1, lambda: None, requires=requires)


def write_module(folder: Path, name: str, *, title: str = "Mine", seed: int = 0) -> Path:
    path = folder / f"{name}.py"
    path.write_text(MODULE.format(title=title, name=name, seed=seed), "utf-8")
    return path


def test_built_in_modules_load_without_problems() -> None:
    catalog = load_catalog()
    assert "dataset" in catalog
    assert len(catalog) > 100
    assert catalog.problems == []
    assert all(name == spec.id for name, spec in catalog.items())
    files = {
        file.stem
        for file in Path(sys.modules["modules"].__path__[0]).glob("*/*.py")
        if re.search(r"^@(module|learner)\(", file.read_text("utf-8"), re.MULTILINE)
        and file.parent.name not in ("contract", "learning")
    }
    assert set(catalog) == files


def test_every_category_has_its_place_in_the_palette() -> None:
    found = load_catalog()
    stated = {
        sys.modules[spec.function.__module__.rpartition(".")[0]].CATEGORY for spec in found.values()
    }
    assert len({category.order for category in stated}) == len(stated)
    titles = [category.title for category in sorted(stated, key=lambda each: each.order)]
    assert list(found.categories()) == titles
    assert titles[0] == "Data Input and Output"
    assert titles[-1] == "Web Service"


def test_finding_modules_imports_no_heavy_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    heavy = project["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"]
    assert {"numpy", "pandas", "sklearn", "torch"} <= set(heavy)
    script = textwrap.dedent(
        f"""
        import sys
        from designer.catalog import load_catalog
        catalog = load_catalog()
        for specs in catalog.categories().values():
            [catalog.available(spec) for spec in specs]
        print(sorted({{"PySide6", *{heavy}}} & set(sys.modules)))
        """
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=ROOT,
    )
    assert result.stdout.strip() == "[]"


def test_a_built_in_module_is_imported_when_it_is_asked_for() -> None:
    script = textwrap.dedent(
        """
        import sys
        from designer.catalog import load_catalog
        from designer.pipeline.file import read
        from designer.pipeline.validation import validate
        from pathlib import Path

        def imported():
            names = {spec.id: spec.function.__module__ for spec in catalog.loaded()}
            return {key for key, name in names.items() if name.startswith("modules.")}

        catalog = load_catalog()
        print(len(imported()))
        pipeline = read(Path("samples/automobile_price.pipeline.json"))
        assert not validate(pipeline, catalog, base=Path("samples"))
        used = {node.module for node in pipeline.nodes.values()}
        print(imported() == used)
        print("no_such_module" in catalog, catalog.get("no_such_module"), imported() == used)
        print(len(list(catalog)) == len(catalog) >= len(imported()) > 100)
        """
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True, cwd=ROOT
    )
    assert result.stdout.splitlines() == ["0", "True", "False None True", "True"]


def test_threads_that_ask_at_once_get_the_same_modules() -> None:
    catalog = load_catalog()
    names = sorted(load_catalog())
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: [catalog[name] for name in names], range(4)))
    assert [spec.id for spec in found[0]] == names
    assert all(each == found[0] for each in found)
    assert list(catalog) == list(load_catalog())


def test_order_of_the_palette() -> None:
    catalog = Catalog(
        [
            spec("zebra", USER_CATEGORY),
            spec("b", Category("Regression", 50)),
            spec("plug", Category("Astronomy")),
            spec("a", Category("Data Input and Output", 10)),
            spec("c", Category("Regression", 50)),
        ]
    )
    titles = {name: [s.id for s in specs] for name, specs in catalog.categories().items()}
    assert list(titles) == ["Data Input and Output", "Regression", "Astronomy", "My Modules"]
    assert titles["Regression"] == ["b", "c"]
    assert list(catalog) == [name for names in titles.values() for name in names]


def test_availability_follows_what_is_installed() -> None:
    there = spec("a", requires=("pytest", "Hypothesis>=6"))
    gone = spec("b", requires=("pytest", "no-such-distribution-anywhere==1"))
    catalog = Catalog([there, gone])
    assert catalog.available(there)
    assert catalog.install_hint(there) is None
    assert not catalog.available(gone)
    assert catalog.install_hint(gone) == "pip install no-such-distribution-anywhere==1"
    assert missing_distributions([]) == ()


# A person's own modules


def test_own_modules_load_under_a_name_of_their_own(tmp_path: Path) -> None:
    write_module(tmp_path, "my_own")
    catalog = load_catalog(tmp_path)
    assert catalog.problems == []
    mine = catalog["my_own"]
    assert mine.category_title == "My Modules"
    assert mine.function.__module__.startswith("user_modules._")
    assert list(catalog.categories())[-1] == "My Modules"
    assert mine.function("rows") == "rows"
    assert "my_own" not in load_catalog()


def test_changed_modules_load_anew(tmp_path: Path) -> None:
    names = set()
    for seed in (1, 2, 1):
        # The same second and the same size: only the content tells them apart.
        write_module(tmp_path, "my_own", seed=seed)
        mine = load_catalog(tmp_path)["my_own"]
        assert mine.parameters[0].default == seed
        names.add(mine.function.__module__)
    assert len(names) == 2
    assert not (tmp_path / "__pycache__").exists()


def test_own_modules_may_share_a_helper(tmp_path: Path) -> None:
    (tmp_path / "_help.py").write_text("VALUE = 41 + 1\n", "utf-8")
    path = write_module(tmp_path, "my_own")
    path.write_text("from ._help import VALUE\n" + path.read_text("utf-8"), "utf-8")
    mine = load_catalog(tmp_path)["my_own"]
    assert mine.function.__globals__["VALUE"] == 42
    write_module(tmp_path, "my_own", seed=0)
    (tmp_path / "_help.py").write_text("VALUE = 43\n", "utf-8")
    path.write_text("from ._help import VALUE\n" + path.read_text("utf-8"), "utf-8")
    assert load_catalog(tmp_path)["my_own"].function.__globals__["VALUE"] == 43


def test_several_modules_in_one_file_are_named_after_their_functions(tmp_path: Path) -> None:
    first = MODULE.format(title="One", name="one", seed=0)
    second = MODULE.format(title="Two", name="two", seed=0)
    (tmp_path / "both.py").write_text(first + second, "utf-8")
    assert {"one", "two"} <= set(load_catalog(tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:\n", "line 1 isn't Python"),
        ("raise RuntimeError('oh no')\n", "RuntimeError: oh no"),
        ("import no_such_library_anywhere\n", "no_such_library_anywhere"),
        ("import sys\nsys.exit(3)\n", "SystemExit"),
        (MODULE.format(title="x", name="x", seed=0).replace("seed: int", "seed"), "no annotation"),
        ("\0", "source code"),
    ],
)
def test_a_broken_file_is_a_problem_and_no_crash(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.py").write_text(text, "utf-8")
    write_module(tmp_path, "good")
    catalog = load_catalog(tmp_path)
    assert "good" in catalog
    assert "bad" not in catalog
    (problem,) = catalog.problems
    assert "bad.py" in problem.source
    assert said in str(problem)


def test_own_modules_cannot_take_the_place_of_others(tmp_path: Path) -> None:
    write_module(tmp_path, "dataset")
    (tmp_path / "modules.py").write_text("raise RuntimeError('shadow')\n", "utf-8")
    (tmp_path / "json.py").write_text("raise RuntimeError('shadow')\n", "utf-8")
    catalog = load_catalog(tmp_path)
    assert catalog["dataset"].function.__module__ == "modules.data_input_output.dataset"
    assert any("“dataset” is taken" in str(problem) for problem in catalog.problems)
    assert sys.modules["json"].__name__ == "json"
    assert str(tmp_path) not in sys.path


def test_the_work_for_a_module_does_not_grow_with_their_number(tmp_path: Path) -> None:
    source = Path(sys.modules["modules.regression.linear_regression"].__file__ or "")
    text = source.read_text("utf-8").replace("def linear_regression(", "def {name}(")
    calls = []
    # What they import is imported once, whatever their number.
    assert "linear_regression" in load_catalog()
    for count in (0, 25, 100):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            name = f"copy_{number}"
            (folder / f"{name}.py").write_text(text.replace("{name}", name), "utf-8")
        calls.append(calls_of(lambda folder=folder: load_catalog(folder)))
    few, many = (number - calls[0] for number in calls[1:])
    assert few > 25
    assert many < few * 4.2


def calls_of(function: Callable[[], Any]) -> int:
    """Return how many calls of Python functions a call takes."""
    count = 0

    def follow(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(follow)
    try:
        result = function()
    finally:
        sys.setprofile(None)
    assert not result.problems
    return count


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (problem,) = load_catalog(tmp_path / "gone").problems
    assert "gone" in problem.source


# Plug-ins


def test_plug_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "star_plugin"
    package.mkdir()
    (package / "__init__.py").touch()
    write_module(package, "brightness")
    write_module(package, "distance")
    single = tmp_path / "single_plugin"
    single.mkdir()
    (single / "__init__.py").touch()
    write_module(single, "alone")
    monkeypatch.syspath_prepend(str(tmp_path))
    placed = tmp_path / "near_plugin"
    placed.mkdir()
    (placed / "__init__.py").write_text(
        "from modules.contract import Category\n\nCATEGORY = Category('Near Data', 15)\n"
    )
    write_module(placed, "close")
    offer(
        tmp_path,
        stars="star_plugin",
        near="near_plugin",
        alone="single_plugin.alone:alone",
        broken="no_such_plugin",
        odd="math:pi",
    )
    catalog = load_catalog()
    assert {"brightness", "distance", "alone"} <= set(catalog)
    assert catalog["brightness"].category_title == "Star Plugin"
    assert list(catalog.categories())[1] == "Near Data"
    assert ["broken" in str(p) or "odd" in str(p) for p in catalog.problems] == [True, True]


def test_a_plug_in_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path, "packed_brightness")
    offer(tmp_path, packed="packed_brightness")
    archive = shutil.make_archive(str(tmp_path / "plug_in"), "zip", tmp_path)
    (tmp_path / "packed_brightness.py").unlink()
    monkeypatch.syspath_prepend(archive)
    assert "packed_brightness" in load_catalog()


def test_an_installation_without_plug_ins_is_not_searched_in_vain() -> None:
    script = """
import sys
from modules.contract.installed import plug_in_entries
for name in [name for name in sys.modules if name.startswith("importlib.metadata")]:
    del sys.modules[name]
print(plug_in_entries(), "importlib.metadata" in sys.modules)
"""
    found = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, encoding="utf-8")
    assert found.strip() == "() False"


def offer(folder: Path, **entries: str) -> None:
    """Write what an installed plug-in has: the metadata of a distribution, with entry points."""
    about = folder / "offered-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: offered\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in entries.items()]
    (about / "entry_points.txt").write_text("\n".join([f"[{ENTRY_POINTS}]", *lines]) + "\n")


def test_a_catalogue_is_a_mapping() -> None:
    one = spec("a")
    catalog = Catalog([one, replace(one, id="b")])
    assert len(catalog) == 2
    assert catalog.get("a") is one
    assert catalog.get("c") is None
    assert list(catalog) == ["a", "b"]


def test_built_in_modules_use_no_door_that_is_closed_to_others(tmp_path):
    """Copied into the folder of a person's own modules, each is what it is here."""
    built_in = load_catalog()
    for spec in built_in.values():
        if spec.function.__module__.startswith("modules."):
            source = spec.file.read_text("utf-8")
            (tmp_path / f"own_{spec.id}.py").write_text(source, "utf-8")
    found = load_catalog(tmp_path)
    assert found.problems == []
    own = [spec for spec in found.values() if spec.id.startswith("own_")]
    assert len(own) > 100
    for spec in own:
        original = built_in[spec.id.removeprefix("own_")]
        assert spec.category_title == "My Modules"
        # What isn't stated about roles is believed of this package's modules only.
        given = {"id": original.id, "category": original.category}
        assert replace(spec, **given, gives_roles=original.gives_roles) == original


def test_finding_modules_keeps_garbage_collection_as_it_was() -> None:
    """What exists before and after is collected; what an embedder froze stays frozen."""
    code = (
        "import gc, weakref\n"
        "class Ring: pass\n"
        "ring = Ring(); ring.ring = ring; gone = weakref.ref(ring); del ring\n"
        "from designer.catalog import load_catalog\n"
        "catalog = load_catalog(); assert len(catalog) > 100\n"
        "assert gc.isenabled() and not gc.get_freeze_count()\n"
        "gc.collect(); assert gone() is None\n"
        "gc.freeze(); frozen = gc.get_freeze_count()\n"
        "assert len(load_catalog()) > 100 and gc.get_freeze_count() >= frozen * 0.9\n"
        "gc.disable(); load_catalog(); assert not gc.isenabled()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_what_an_embedder_froze_is_not_counted_for_a_few_modules() -> None:
    """Counting looks at each object: with millions of them, it would take most of the time."""
    code = (
        "import gc, sys\n"
        "from designer.catalog import load_catalog\n"
        "gc.freeze(); calls = []\n"
        "sys.setprofile(lambda frame, event, what: event == 'c_call' and calls.append(what))\n"
        "catalog = load_catalog()\n"
        "for name in ('dataset', 'split_data', 'train_model'): catalog[name]\n"
        "sys.setprofile(None); print(calls.count(gc.get_freeze_count), gc.freeze in calls)\n"
    )
    found = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, encoding="utf-8")
    assert found.split() == ["0", "False"]


def test_finding_modules_again_makes_nothing_old() -> None:
    """Garbage that was made shortly before is found as soon as it would be without."""
    code = (
        "import gc, weakref\n"
        "class Ring: pass\n"
        "from designer.catalog import load_catalog\n"
        "assert len(load_catalog()) > 100\n"
        "ring = Ring(); ring.ring = ring; gone = weakref.ref(ring); del ring\n"
        "assert load_catalog()['score_model'].id == 'score_model'\n"
        "gc.collect(0); assert gone() is None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
