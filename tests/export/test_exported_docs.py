"""The page about code shows the script that is exported today."""

from __future__ import annotations

import re
from pathlib import Path

from exporting import CATALOG, ROOT

from designer import paths
from designer.export import python_script
from designer.export.standalone import standalone_script
from designer.pipeline.file import SUFFIX, read
from designer.workspace import Workspace


def test_the_page_shows_the_script_of_the_sample() -> None:
    page = (ROOT / "docs" / "code.md").read_text("utf-8")
    shown = page.partition("```python\n")[2].partition("```\n")[0]
    file = paths.samples() / f"automobile_price{SUFFIX}"
    script = python_script(read(file), CATALOG, file=file, workspace=Workspace(Path("nowhere")))
    assert shown == re.sub(r"==\d[\d.]*", "", script.text)


def test_the_page_shows_the_script_without_modeldesk() -> None:
    page = (ROOT / "docs" / "code.md").read_text("utf-8").partition("## Without ModelDesk\n")[2]
    shown = page.partition("```python\n")[2].partition("```\n")[0]
    file = paths.samples() / f"automobile_price{SUFFIX}"
    script = standalone_script(read(file), CATALOG, file=file, workspace=Workspace(Path("nowhere")))
    assert shown.startswith("def main(")
    assert f"\n\n\n{shown}\n\n" in script.text
