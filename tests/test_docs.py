"""The module reference on disk is what the modules say of themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_module_reference_is_current() -> None:
    source = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
    assert source
    assert source.loader
    tool = importlib.util.module_from_spec(source)
    source.loader.exec_module(tool)
    wanted = tool.pages()
    found = {path.name: path.read_text("utf-8") for path in tool.FOLDER.glob("*.md")}
    assert found == wanted, "run: make docs"
