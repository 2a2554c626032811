"""Each kind of problem has a code and a page, and nothing else has one."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ROOT / "docs" / "problems"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("problem_pages", ROOT / "tools" / "problems.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclass looks the module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.long
def test_each_code_has_a_page_and_each_page_a_code(tool: ModuleType) -> None:
    codes = set(tool.declared())
    assert len(codes) > 250
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert codes - pages == set(), "run python tools/problems.py, and write its pages"
    assert pages - codes == set(), "these codes are gone: delete their pages"


def test_each_page_is_written_and_leads_back(tool: ModuleType) -> None:
    index = (PAGES / "README.md").read_text("utf-8")
    for page in sorted(PAGES.glob("*.md")):
        if page.stem == "README":
            continue
        text = page.read_text("utf-8")
        assert text.startswith(f"# {tool.title(page.stem)}\n\n`{page.stem}`\n"), page.name
        assert tool.UNWRITTEN not in text, page.name
        parts = [part.partition("\n") for part in text.split("\n## ")[1:]]
        assert tuple(title for title, _, _ in parts) == tool.SECTIONS, page.name
        assert all(len(body.strip()) > 5 for _, _, body in parts), page.name
        assert text.endswith("[All problems](README.md)\n"), page.name
        assert f"[`{page.stem}`]({page.name})" in index, page.name


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("azure-sdk", "Azure SDK"),
        ("no-n-grams", "No n-grams"),
        ("r-not-installed", "R not installed"),
        ("keys-do-not-match", "Keys don't match"),
        ("cancelled", "Canceled"),
    ],
)
def test_titles_spell_names_as_their_owners_do(tool: ModuleType, code: str, title: str) -> None:
    assert tool.title(code) == title


def test_a_new_code_is_found_however_it_is_declared(tool: ModuleType) -> None:
    source = (
        "raise ModuleError('one-way', f'Column “{name}” is odd.', 'Choose another.')\n"
        "yield Problem('error', 'It is odd.', 'Do it.', node, code='another-way')\n"
        "error = {'code': 'third-way', 'message': 'It broke.'}\n"
        "raise OtherError('no-code', 'This is another kind of error.')\n"
    )
    found = list(tool._declarations(ast.parse(source), checks=False))
    assert sorted(found) == [
        ("another-way", "It is odd.", "Do it."),
        ("one-way", "Column “…” is odd.", "Choose another."),
        ("third-way", "It broke.", ""),
    ]
    new = tool.page("one-way", tool.Declared({"Column “…” is odd.": None}, {}))
    assert tool.UNWRITTEN in new


def test_no_problem_is_made_without_a_code() -> None:
    without = []
    for path in sorted((ROOT / "designer").rglob("*.py")):
        text = path.read_text("utf-8")
        # To parse a file takes a multiple of the time to read it.
        for node in ast.walk(ast.parse(text)) if "Problem" in text else ():
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Problem":
                continue
            if not any(keyword.arg == "code" for keyword in node.keywords):
                without.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert without == []
