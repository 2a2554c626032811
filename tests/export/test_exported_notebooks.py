"""Notebooks: cells, headings, notes as Markdown, shown values, and outputs of stored results."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from exporting import CATALOG, ENVIRONMENT, ROOT, ROWS, digests, exported, make

from designer import paths
from designer.engine import Engine
from designer.export import TARGETS, Script
from designer.pipeline import edits
from designer.pipeline.file import SUFFIX, read
from designer.pipeline.model import Group, Note, Pipeline, PipelineParameter
from designer.workspace import Workspace
from modules.values.storage import load

NOTEBOOK = TARGETS["notebook"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Workspace(tmp_path_factory.mktemp("w")), CATALOG, workers=1, cores=1) as engine:
        yield engine


def cells_of(script: Script, results: Any = None) -> dict[str, Any]:
    """Return the cells of the file by id."""
    made = nbformat.reads(NOTEBOOK.content(script, results or {}), 4)
    nbformat.validate(made)
    return {cell.id: cell for cell in made.cells}


def sample(name: str) -> tuple[Pipeline, Path]:
    file = paths.samples() / f"{name}{SUFFIX}"
    return read(file), file


@pytest.fixture(scope="module")
def automobile() -> Script:
    pipeline, file = sample("automobile_price")
    return NOTEBOOK.script(pipeline, CATALOG, file=file, workspace=Workspace(Path("nowhere")))


def test_a_sample_reads_like_a_notebook_of_an_engineer(automobile: Script) -> None:
    cells = cells_of(automobile)
    title = cells["title"].source.splitlines()
    assert title[0] == (
        "# Predict the price of a car from its technical data with linear regression"
    )
    assert "pip install --no-deps modeldesk" in title
    assert cells["split_data-text"].cell_type == "markdown"
    assert cells["split_data-text"].source.splitlines()[0] == "## Split Data"
    assert cells["split_data-text"].source.endswith("70 % for training")
    assert cells["split_data"].source == (
        "train, test = split_data(remove_incomplete_rows, fraction=0.7)\ndisplay(train, test)"
    )
    assert cells["train_model"].source.splitlines()[-1] == "model"
    assert cells["imports"].source.endswith("# Where relative paths start.\nFOLDER = Path.cwd()")
    headings = [c.source.split("\n")[0] for c in cells.values() if c.cell_type == "markdown"]
    assert len(headings) == 1 + 8


def test_any_kernel_for_python_can_run_it(automobile: Script) -> None:
    made = nbformat.reads(NOTEBOOK.content(automobile, {}), 4)
    assert made.metadata.kernelspec == {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    assert made.nbformat == 4
    text = NOTEBOOK.content(automobile, {})
    assert text == NOTEBOOK.content(automobile, {})
    assert text.endswith("}\n")


def test_notes_are_markdown_and_lines_stay_lines(tmp_path: Path) -> None:
    text = "Read **this**.\nOr that.\n \n- one\n- two\x0c\x00"
    pipeline = make(
        {"rows": ("enter_data_manually", ROWS, "数据")},
        notes={"note": Note("note", text, (300.0, 0.0))},
        description="第一行\nsecond line",
    )
    cells = cells_of(exported(pipeline, tmp_path, target="notebook"))
    assert cells["rows-text"].source == (
        "## Enter Data Manually\n\nRead **this**.  \nOr that.\n\n- one  \n- two\n\n数据"
    )
    assert cells["title"].source.startswith("# 第一行\n\nsecond line\n\nExported from")


def test_a_card_knows_its_lines_in_the_preview(automobile: Script) -> None:
    lines = automobile.text.splitlines()
    heading, code = automobile.lines["split_data"]
    assert lines[heading[0] - 1 : heading[0] + 1] == ["# %% [markdown]", "# ## Split Data"]
    assert lines[code[0] - 1 : code[1]] == [
        "# %%",
        "train, test = split_data(remove_incomplete_rows, fraction=0.7)",
        "display(train, test)",
    ]
    assert {*sample("automobile_price")[0].nodes} <= {*automobile.lines}


def test_groups_are_sections(tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            "clean/unique": ("remove_duplicate_rows", {"key_columns": ["a"]}),
            "clean/inner/split": "split_data",
        },
        "rows.dataset > clean/unique.dataset",
        "clean/unique.results_dataset > clean/inner/split.dataset",
        groups={
            "clean": Group("clean", "Clean the rows", "Twice is too much", (-5.0, 2.5)),
            "clean/inner": Group("clean/inner"),
        },
    )
    script = exported(pipeline, tmp_path, target="notebook")
    cells = cells_of(script)
    assert list(cells) == [
        *("title", "imports", "rows-text", "rows", "clean-text"),
        *("clean-unique-text", "clean-unique", "clean-inner-text"),
        *("clean-inner-split-text", "clean-inner-split"),
    ]
    assert cells["clean-text"].source == "## Clean the rows\n\nTwice is too much"
    assert cells["clean-unique-text"].source == "### Remove Duplicate Rows"
    assert cells["clean-inner-text"].source == "### Inner"
    assert cells["clean-inner-split-text"].source == "#### Split Data"
    first = min(first for first, _ in script.lines["clean"])
    assert script.lines["clean/inner/split"][-1][1] in {last for _, last in script.lines["clean"]}
    assert script.text.splitlines()[first] == "# ## Clean the rows"

    cells = cells_of(exported(pipeline, tmp_path, target="notebook", with_layout=True))
    assert cells["clean-text"].source.startswith("## Clean the rows <!-- clean/ @ -5 2.5 -->")
    assert "  # clean/unique @ 0 100" in cells["clean-unique"].source


def test_pipeline_parameters_have_a_cell_for_papermill(tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            "split": ("split_data", {"fraction": {"$parameter": "share"}}),
        },
        "rows.dataset > split.dataset",
        parameters={
            "share": PipelineParameter("share", "number", 1, "Share of the first"),
            "lambda": PipelineParameter("lambda", "text", None),
        },
    )
    script = exported(pipeline, tmp_path, target="notebook")
    cell = cells_of(script)["parameters"]
    assert cell.source == "# Share of the first.\nshare = 1.0\nlambda_ = None"
    assert cell.metadata.tags == ["parameters"]
    (warning,) = script.warnings
    assert "“lambda” has no value" in warning.message


def test_texts_are_beside_the_card_that_uses_them(tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", {"data": "a,b\n1,2\n"}),
            "query": ("apply_sql_transformation", {"query": "select *\nfrom t1"}),
        },
        "rows.dataset > query.t1",
    )
    cells = cells_of(exported(pipeline, tmp_path, target="notebook"))
    assert cells["query"].source.startswith('QUERY_QUERY = """\\\nselect *\nfrom t1"""\n\nquery')


def test_results_are_written_by_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = make({"rows": ("enter_data_manually", ROWS)})
    assert "results" not in cells_of(exported(pipeline, tmp_path, target="notebook"))
    script = exported(pipeline, tmp_path, target="notebook", with_results=True)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    for cell in cells_of(script).values():
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec", dont_inherit=True), namespace)
    assert load(tmp_path / "results" / "rows").frame.equals(namespace["rows"].frame)


def test_stored_results_are_the_outputs(engine: Engine, tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", {"data": "a,b\n1,<b>\n2,y\n3,x\n4,y\n"}),
            "split": "split_data",
            "end": "summarize_data",
        },
        "rows.dataset > split.dataset",
        "split.results_dataset1 > end.dataset",
    )
    pipeline = edits.set_parameter(pipeline, "split", "fraction", 0.5)
    result = engine.run(pipeline, base=tmp_path)
    assert result.status == "completed"
    script = exported(pipeline, tmp_path, target="notebook")
    stored = {
        end: result.nodes[end.node].outputs[end.port].path
        for cell in script.cells
        for end in cell.shown
    }
    cells = cells_of(script, stored)
    (output,) = cells["rows"].outputs
    assert "<td>&lt;b&gt;</td>" in output.data["text/html"]
    assert output.data["text/plain"].splitlines()[0].split() == ["a", "b"]
    assert "4 rows, 2 columns" in output.data["text/plain"]
    assert len(cells["end"].outputs) == 1

    # A cell has all of its outputs, or none.
    gone = {end: path for end, path in stored.items() if end.node != "end"}
    gone[next(iter(gone))] = tmp_path / "gone"
    cells = cells_of(script, gone)
    assert not cells["rows"].outputs
    assert not cells["end"].outputs


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    sorted(
        {file.name.removesuffix(SUFFIX) for file in paths.samples().glob(f"*{SUFFIX}")}
        # The last digits of a network depend on the number of threads that trained it.
        - {"digit_pictures"}
    ),
)
def test_a_notebook_runs_from_top_to_bottom(name: str, engine: Engine, tmp_path: Path) -> None:
    """Run by Jupyter, it shows and writes what a run of the pipeline stores."""
    from nbclient import NotebookClient

    pipeline, file = sample(name)
    result = engine.run(pipeline, base=file.parent)
    assert result.status == "completed"
    script = NOTEBOOK.script(
        pipeline, CATALOG, file=file, workspace=engine.workspace, with_results=True
    )
    stored = {
        end: result.nodes[end.node].outputs[end.port].path
        for cell in script.cells
        for end in cell.shown
    }
    text = NOTEBOOK.content(script, stored)
    shutil.copytree(paths.samples() / "data", tmp_path / "data")
    made = nbformat.reads(text, 4)
    client = NotebookClient(
        made, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)})
    for ran, filled in zip(made.cells, nbformat.reads(text, 4).cells, strict=True):
        if ran.cell_type == "code":
            # What a module logs is no result.
            shown = [output["data"] for output in ran.outputs if "data" in output]
            assert shown == [output.data for output in filled.outputs], ran.id
    for variable, end in script.results.items():
        assert digests(tmp_path / "results" / variable) == digests(stored[end]), variable
    shown = "".join(str(cell.get("outputs")) for cell in made.cells)
    # Several classes, recommendations, and summaries have no chart.
    without = {"flight_summary", "handwritten_digits", "senate_votes", "text_topics"}
    assert ("data:image/svg+xml;base64," in shown) == (name not in without)
