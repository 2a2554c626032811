"""The pages agree with the modules, with each other and with the files they link to."""

from __future__ import annotations

import importlib.util
import re
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


def test_links_between_pages_lead_to_files() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if "://" not in target
    ]
    assert len(links) > 20
    lost = [
        f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()
    ]
    assert lost == []


def test_every_decision_record_is_listed_and_answers_the_four_questions() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(folder.glob("[0-9]*.md"))
    listed = re.findall(
        r"^\| \[(\d{4})\]\((.+?)\)", (folder / "README.md").read_text("utf-8"), re.M
    )
    assert listed == [(record.name[:4], record.name) for record in records]
    questions = re.findall(r"^## (.+)$", (folder / "template.md").read_text("utf-8"), re.M)
    for record in records:
        text = record.read_text("utf-8")
        assert text.startswith(f"# {record.name[:4]}: "), record.name
        assert re.findall(r"^## (.+)$", text, re.M) == questions, record.name
