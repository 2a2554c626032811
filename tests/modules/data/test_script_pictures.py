"""Execute Python Script: the pictures that a script draws."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.python_language import _drawing
from modules.python_language.execute_python_script import execute_python_script
from modules.values import ImageFolder
from modules.values.storage import load, save

matplotlib = pytest.importorskip("matplotlib")
image = pytest.importorskip("PIL.Image")

TABLE = DataTable(pd.DataFrame({"a": [3, 1, 2]}))


def drawn(body: str) -> dict[str, tuple[int, int]]:
    """Run a script and return the sizes of its pictures by name."""
    pictures = run(body)
    if pictures is None:
        return {}
    sizes = {}
    for path in sorted(pictures.folder.iterdir()):
        with image.open(path) as opened:
            sizes[path.name] = opened.size
    return sizes


def run(body: str) -> ImageFolder | None:
    script = (
        "import matplotlib.pyplot as plt\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        + textwrap.indent(textwrap.dedent(body), "    ")
        + "\n    return dataframe1,\n"
    )
    return execute_python_script(TABLE, script=script)[2]


def test_nothing_drawn_is_no_output() -> None:
    assert run("pass") is None


def test_figures_that_are_left_open_are_kept_and_closed() -> None:
    plain = """
        dataframe1.plot()
        fig, _ = plt.subplots(num="Ages: by/year", figsize=(2, 1), dpi=50)
    """
    found = drawn(plain)
    assert found == {"Ages_ by_year.png": (100, 50), "Figure 1.png": (640, 480)}
    assert drawn("plt.figure()") == {"Figure 1.png": (640, 480)}


def test_showing_ends_a_figure_as_in_a_notebook() -> None:
    body = """
        plt.plot([1, 2]); plt.show()
        assert not plt.get_fignums()
        plt.plot([2, 1]); plt.show()
    """
    assert sorted(drawn(body)) == ["Figure 1 2.png", "Figure 1.png"]


def test_saved_figures_keep_their_name_once(tmp_path: Path) -> None:
    body = f"""
        plt.plot([1, 2])
        plt.savefig({str(tmp_path / "line.png")!r}, dpi=20)
        plt.savefig({str(tmp_path / "line.png")!r}, dpi=10)
        plt.close()
        plt.figure()
        plt.savefig({str(tmp_path / "left_open.jpg")!r}, dpi=10)
        plt.figure(figsize=(1, 1), dpi=10)
        plt.savefig({str(tmp_path / "report.pdf")!r})
    """
    assert drawn(body) == {
        "line.png": (64, 48),
        "left_open.jpg": (64, 48),
        "Figure 2.png": (10, 10),
    }
    assert (tmp_path / "line.png").exists()


def test_a_script_that_chooses_its_own_backend_is_kept_too() -> None:
    body = """
        import matplotlib
        matplotlib.use("Agg", force=True)
        plt.plot([1, 2])
    """
    assert list(drawn(body)) == ["Figure 1.png"]


def test_settings_of_a_script_are_not_those_of_the_next() -> None:
    run("plt.rcParams['figure.figsize'] = (1, 1)\nplt.rcParams['figure.dpi'] = 30")
    assert drawn("plt.figure()") == {"Figure 1.png": (640, 480)}


def test_figures_of_a_script_that_fails_are_closed() -> None:
    with pytest.raises(ModuleError):
        run("plt.figure()\nraise ValueError('no')")
    assert drawn("assert not plt.get_fignums()") == {}


def test_too_many_and_too_large_are_left_out_with_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_drawing, "MOST_PICTURES", 2)
    with pytest.warns(ModuleWarning, match="1 image was skipped: at most 2 "):
        assert len(drawn("for _ in range(3): plt.figure(figsize=(1, 1), dpi=10)")) == 2
    monkeypatch.setattr(_drawing, "MOST_BYTES", 10)
    with pytest.warns(ModuleWarning, match="1 image was skipped"):
        assert drawn("plt.figure()") == {}


@pytest.mark.parametrize(
    "body", ["plt.title('$\\\\badname{$')", "plt.figure(figsize=(100000, 100000))"]
)
def test_a_figure_that_can_not_be_drawn_is_a_warning(body: str) -> None:
    with pytest.warns(ModuleWarning, match=r"Figure 1 can't be drawn: ."):
        assert drawn(body) == {}


def test_pictures_are_stored_and_their_folder_goes_with_the_value(tmp_path: Path) -> None:
    pictures = run("plt.plot([1, 2])")
    assert pictures is not None
    folder = pictures.folder
    save(pictures, tmp_path / "stored")
    stored = load(tmp_path / "stored")
    assert isinstance(stored, ImageFolder)
    assert [path.name for path in stored.folder.iterdir()] == ["Figure 1.png"]
    del pictures
    assert not folder.exists()


def test_first_script_of_a_process_draws_off_screen_and_leaves_nothing(tmp_path: Path) -> None:
    """As in a fresh worker on a desktop, where matplotlib would open a window."""
    (tmp_path / "parameters.json").write_text(
        '{"script": "import matplotlib.pyplot as plt\\n'
        "def azureml_main(a, b):\\n"
        "    import os, pandas as pd\\n"
        "    plt.plot([1, 2])\\n"
        "    plt.show()\\n"
        "    return pd.DataFrame({'a': [1]})\"}"
    )
    ports = [f"--output={port}={tmp_path / port}" for port in ("result_dataset", "pictures")]
    command = [sys.executable, "-m", "modules.step", "execute_python_script"]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment: dict[str, Any] = {**os.environ, "TMPDIR": str(scratch)}
    environment.pop("MPLBACKEND", None)
    done = subprocess.run(
        [*command, "--parameters", str(tmp_path / "parameters.json"), *ports],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "non-interactive" not in done.stderr
    assert [path.name for path in (tmp_path / "pictures" / "files").iterdir()] == ["Figure 1.png"]
    assert not list(scratch.glob("pictures-*"))
