"""docs/adding-a-port-type.md, followed: the type of another package is stored, shown and viewed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyqtgraph
import pytest
from click.testing import CliRunner
from followed_page import files_of, install

from designer.app.views import open_result, registry
from designer.cli.main import main
from designer.engine.results import Output
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract.port_type import find_port_type

SIGNAL = [1.0, 2.0, -1.0, 4.0]
STRENGTHS = np.abs(np.fft.rfft(SIGNAL))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Install the package of the page, as pip would."""
    site = tmp_path_factory.mktemp("site")
    install(files_of("adding-a-port-type.md"), site)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        patch.setattr(registry, "_views", dict(registry._views))
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "waves"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def stored(package: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the output of the page's module in a run, as ``designer run`` prints it."""
    folder = tmp_path_factory.mktemp("run")
    data = {"data": "x\n" + "\n".join(map(str, SIGNAL))}
    pipeline, source = edits.add_node(Pipeline(), "enter_data_manually", parameters=data)
    pipeline, node = edits.add_node(pipeline, "measure_waveform")
    pipeline = edits.connect(pipeline, Endpoint(source, "dataset"), Endpoint(node, "dataset"))
    file = folder / "signal.pipeline.json"
    write(pipeline, file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_WORKSPACE", str(folder / "workspace"))
        ran = CliRunner().invoke(main, ["run", str(file), "--json"])
        shown = CliRunner().invoke(main, ["show", str(file), node, "--json"])
    assert (ran.exit_code, shown.exit_code) == (0, 0), ran.output + shown.output
    output = json.loads(ran.stdout)["nodes"][node]["outputs"]["waveform"]
    return output | {"shown": json.loads(shown.stdout)}


def test_the_value_is_stored_as_plain_files_and_shown(stored: dict) -> None:
    folder = Path(stored["path"])

    assert stored["type"] == "Waveform"
    assert sorted(path.name for path in folder.iterdir()) == [
        "fields.json",
        "strengths.npy",
        "value.json",
    ]
    np.testing.assert_allclose(np.load(folder / "strengths.npy"), STRENGTHS)
    assert json.loads((folder / "fields.json").read_text()) == {"unit": "dB"}
    assert stored["shown"]["title"] == "waveform"
    assert ["unit", "dB"] in stored["shown"]["tables"][""]["rows"]


@pytest.mark.long
def test_the_window_shows_the_view_of_the_package(stored: dict, qtbot) -> None:
    kind = find_port_type("Waveform")
    assert kind is not None
    assert kind.colors == ("#0a7a5a", "#5ad0a8")

    output = Output("Waveform", Path(stored["path"]))
    shown = open_result(output, "Measure Waveform, waveform", None)
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitUntil(lambda: not shown.reading, timeout=30_000)

    assert isinstance(shown.view, pyqtgraph.PlotWidget)
    (curve,) = shown.view.getPlotItem().listDataItems()
    np.testing.assert_allclose(curve.getData()[1], STRENGTHS)
