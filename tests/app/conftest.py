"""What the tests of the application share: an engine, and a window with everything in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from designer.app import theme
from designer.app.settings import Settings
from designer.catalog import Catalog, load_catalog
from designer.engine.engine import Engine
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

TABLE = {"data": "a,b\n1,x\n2,y\n3,x\n4,y\n"}
"""Parameters of a node that gives a small table."""


class LentEngine:
    """An engine that outlives the window it is lent to; all else is the engine's own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Stay open for the next window."""


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what one test remembers away from the next."""
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Engine]:
    workspace = Workspace(tmp_path_factory.mktemp("engine"))
    engine = Engine(workspace, catalog, workers=2)
    warm(engine)
    yield engine
    engine.close()


def warm(engine: Engine) -> None:
    """Start everything that starts late, so that no test seems to leave it behind."""
    engine.warm_up()
    engine.call(os.getpid).result(timeout=60)
    one, _ = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    two, _ = edits.add_node(one, "enter_data_manually", parameters=TABLE)
    engine.run(two, base=engine.workspace.folder, reuse=False)
    engine.sample(one, base=engine.workspace.folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    return folder


@pytest.fixture
def window(qapp, qtbot, settings, catalog, engine, samples):
    """A window on the screen with an empty pipeline."""
    from designer.app.main_window import MainWindow

    theme.apply(qapp, "light")
    window = MainWindow(
        settings,
        catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
        samples=samples,
    )
    window.resize(1200, 800)
    window.show()
    qtbot.waitExposed(window)
    window.files.new()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.canvas.setFocus()
    QApplication.processEvents()
    yield window
    close(window)


def close(window) -> None:
    """Close a window whatever is in it, and let Qt take it apart."""
    window.document.undo_stack.setClean()
    window.close()
    window.deleteLater()
    QApplication.processEvents()
