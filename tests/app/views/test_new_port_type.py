"""A port type that a user's own module defines needs nothing else, from the link to the view."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PySide6.QtWidgets import QApplication, QLabel

from designer.app.shell import theme
from designer.app.views import open_result
from designer.app.views.general_view import GeneralView
from designer.catalog import Catalog, load_catalog
from designer.cli.main import main
from designer.engine.results import Output
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract.port_type import find_port_type
from modules.values import storage

SOURCE = '''
from __future__ import annotations

from dataclasses import dataclass

from modules.contract import DataTable, Value, module


@dataclass(frozen=True, eq=False)
class EchoSpectrum(
    Value,
    title="echo spectrum",
    description="Strengths of an echo by frequency.",
    colors=("#0a7a5a", "#5ad0a8"),
    icon="histogram",
):
    """Strengths of an echo by frequency."""

    strengths: np.ndarray
    unit: str = "dB"


@module("Measure Echo", outputs=("spectrum",))
def measure_echo(dataset: DataTable) -> EchoSpectrum:
    """Measure an echo."""
    import numpy as np

    return EchoSpectrum(np.fft.rfft(dataset.frame.iloc[:, 0].to_numpy()).real)


@module("Loudest Echo", outputs=("dataset",))
def loudest_echo(spectrum: EchoSpectrum) -> DataTable:
    """Return the strongest part of an echo."""
    import pandas as pd

    return DataTable(pd.DataFrame({"loudest": [float(spectrum.strengths.max())]}))
'''

SIGNAL = [1.0, 2.0, -1.0, 4.0]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    (folder / "modules").mkdir(parents=True)
    (folder / "modules" / "echo.py").write_text(SOURCE, "utf-8")
    return folder


@pytest.fixture
def catalog(workspace: Path) -> Catalog:
    return load_catalog(workspace / "modules")


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    lines = "\n".join(map(str, SIGNAL))
    (tmp_path / "signal.csv").write_text(f"x\n{lines}\n", "utf-8")
    made, data = edits.add_node(Pipeline(), "dataset", parameters={"path": "signal.csv"})
    made, measure = edits.add_node(made, "measure_echo")
    made, loudest = edits.add_node(made, "loudest_echo")
    made = edits.connect(made, Endpoint(data, "dataset"), Endpoint(measure, "dataset"))
    made = edits.connect(made, Endpoint(measure, "spectrum"), Endpoint(loudest, "spectrum"))
    path = tmp_path / "echo.pipeline.json"
    write(made, path)
    return path


def test_it_is_linked_to_its_own_kind_alone(catalog: Catalog) -> None:
    (given,) = catalog["measure_echo"].outputs
    (taken,) = catalog["loudest_echo"].inputs
    table = catalog["split_data"].outputs[0]
    assert taken.accepts(given)
    assert not taken.accepts(table)
    assert not catalog["split_data"].inputs[0].accepts(given)
    assert (given.phrase, given.type_title) == ("an echo spectrum", "echo spectrum")


def test_it_has_its_color_in_both_themes(qapp: QApplication, catalog: Catalog) -> None:
    kind = find_port_type("EchoSpectrum")
    assert kind is not None
    for mode, color in zip(("light", "dark"), kind.colors, strict=True):
        theme.apply(qapp, mode)
        assert theme.current().type_color("EchoSpectrum") == color
    theme.apply(qapp, "light")


def test_the_command_line_lists_runs_stores_and_shows_it(workspace: Path, pipeline: Path) -> None:
    def designer(*arguments: object) -> str:
        done = CliRunner().invoke(main, [*map(str, arguments), "--workspace", str(workspace)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "Echo spectrum." in designer("modules", "loudest_echo")
    listed = json.loads(designer("modules", "measure_echo", "--json"))
    assert [port["type"] for port in listed[0]["outputs"]] == ["EchoSpectrum"]
    designer("run", pipeline)
    # Read back from the store, in other processes.
    shown = json.loads(designer("show", pipeline, "loudest_echo", "--json"))
    assert shown["data"] == [[np.fft.rfft(SIGNAL).real.max()]]
    assert "echo spectrum" in designer("show", pipeline, "measure_echo")
    found = json.loads(designer("show", pipeline, "measure_echo", "--json"))
    rows = dict(found["tables"][""]["rows"])
    assert rows["unit"] == "dB"
    assert rows["strengths"] == str(np.fft.rfft(SIGNAL).real)


def test_the_window_shows_its_fields_and_files(qtbot, catalog: Catalog, tmp_path: Path) -> None:
    kind = catalog["loudest_echo"].inputs[0].types[0]
    storage.save(kind(np.array([1.0, 2.0]), "m"), tmp_path / "echo")
    output = Output("EchoSpectrum", tmp_path / "echo", None, None)
    widget = open_result(output, "Measure Echo", None)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: isinstance(widget.view, GeneralView), timeout=30_000)
    assert "echo spectrum" in [label.text() for label in widget.findChildren(QLabel)]
    view = widget.view
    assert [view.tabs.tabText(n) for n in range(view.tabs.count())] == ["Content", "Files"]
    assert view.pages[0].sheet.texts()[1:] == [["strengths", "[1. 2.]"], ["unit", "m"]]
    view.tabs.setCurrentIndex(1)
    files = view.tabs.widget(1)
    qtbot.waitUntil(lambda: files.list is not None, timeout=10_000)
    names = [row[0] for row in files.list.texts()[1:]]
    assert names == ["fields.json", "strengths.npy", "value.json"]
