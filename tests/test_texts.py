"""Texts: every one that is shown is translated, and German is complete."""

from __future__ import annotations

import ast
import importlib
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.numbers import format_decimal, format_percent

from designer import long_texts, texts
from designer.app.library.translation import translated
from designer.catalog import load_catalog
from designer.engine.engine import Engine
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

ROOT = Path(__file__).parents[1]

APP = ROOT / "designer" / "app"


@pytest.fixture(scope="module")
def tool():
    """tools/texts.py, which isn't in a package."""
    yield from from_tools("texts")


@pytest.fixture(scope="module")
def literal_texts():
    """tools/literal_texts.py."""
    yield from from_tools("literal_texts")


def from_tools(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module(name)
    for each in ("texts", "composed_texts", "literal_texts"):
        sys.modules.pop(each, None)


@pytest.fixture
def german():
    texts.use("de")
    yield
    texts.use("en")


OTHERS = [each for each in texts.LANGUAGES if each != "en"]

SHORT = [(language, domain) for language in OTHERS for domain in texts.DOMAINS]

CATALOGS = [*SHORT, *((language, long_texts.DOMAIN) for language in OTHERS)]


@pytest.mark.parametrize(("language", "domain"), CATALOGS)
def test_every_text_is_translated(tool, language, domain):
    catalog = tool.updated(language, domain)
    missing = [each.id for each in catalog if each.id and not all(tool._strings(each.string))]
    assert missing == [], "Translate them in resources/locale, then run tools/texts.py."
    assert [each.id for each in tool.read(language, domain) if each.fuzzy and each.id] == []


@pytest.mark.parametrize(("language", "domain"), CATALOGS)
def test_catalogs_are_collected_and_compiled(tool, language, domain):
    file = tool.po_file(language, domain)
    catalog = tool.updated(language, domain)
    assert file.read_text("utf-8") == tool.po_text(catalog).decode(), "Run tools/texts.py."
    assert file.with_suffix(".mo").read_bytes() == tool.mo_content(catalog)


@pytest.mark.parametrize(("language", "domain"), SHORT)
def test_translations_have_the_placeholders_of_their_texts(tool, language, domain):
    wrong = [
        each.id
        for each in tool.read(language, domain)
        if each.id
        for text in tool._strings(each.string)
        if not any(fits(text, one, domain) for one in tool._strings(each.id))
    ]
    assert wrong == []


def fits(translation, text, domain):
    """Whether a translation has what the text has; of a message, plural endings can be left out."""
    found, wanted = placeholders(translation), placeholders(text)
    if domain != "messages":
        return found == wanted
    return {name for name, _ in found} <= {name for name, _ in wanted}


@pytest.mark.parametrize(("language", "domain"), SHORT)
def test_translations_end_as_their_texts_do(tool, language, domain):
    """A button with "…" opens a dialog in every language; parts of sentences fit together."""
    wrong = [
        each.id
        for each in tool.read(language, domain)
        if each.id and isinstance(each.id, str)
        if each.id[-1] in " …:" or each.string[-1] in " …:"
        if each.id[-1] != each.string[-1]
    ]
    assert wrong == []


def placeholders(text: str) -> list[tuple[str, str]]:
    return sorted((name, spec or "") for _, name, spec, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize(
    "room",
    sorted({each.name for each in APP.iterdir() if each.is_dir()} - {"__pycache__"}),
)
def test_every_text_that_is_shown_can_be_translated(literal_texts, room):
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {literal_texts.literal(node)}"
        for file in sorted((APP / room).rglob("*.py"))
        if file.relative_to(APP).as_posix() not in literal_texts.NOT_SHOWN_FILES
        for node in literal_texts.unwrapped(file.read_text(encoding="utf-8"))
    ]
    assert found == [], "Pass them to tr() of designer.texts."


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('label.setText("Open the file")', ["Open the file"]),
        ('label.setText(f"{count} rows")', ["{} rows"]),
        ('label.setText(tr("Open the file"))', []),
        ('label.setText("On" if on else tr("No file"))', []),
        ('TITLES = {"a": "First column"}', ["First column"]),
        ('box.setObjectName("Some name here")', []),
        ('raise ValueError("Not a color of the theme")', []),
        ('if text == "Some words here": pass', []),
        ('def f():\n    """Return some words."""', []),
        ('@command("Save as…", "Ctrl+S", menus="File 1.1")\ndef f(): pass', ["Save as…"]),
    ],
)
def test_the_search_for_shown_texts_finds_what_is_shown(literal_texts, code, shown):
    found = [literal_texts.literal(node) for node in literal_texts.unwrapped(code)]
    assert found == shown


def test_a_text_is_in_the_chosen_language(german):
    assert texts.tr("Preferences") == "Einstellungen"
    assert texts.tr("Split Data") == "Daten aufteilen"
    assert texts.tr("no text of the window") == "no text of the window"
    assert texts.tr("") == ""
    entries = ("{number} entry withdrawn.", "{number} entries withdrawn.")
    assert texts.ngettext(*entries, 1) == "{number} Eintrag widerrufen."
    assert texts.ngettext(*entries, 2) == "{number} Einträge widerrufen."


@pytest.mark.parametrize("number", [0, 7, -1234, 1234567, 0.5, -0.25, 1234.5, 98765432.125])
def test_numbers_are_written_as_in_germany(german, number):
    with_three = texts.formatted(number, ",.3f")
    assert with_three == format_decimal(number, "#,##0.000", locale="de")
    assert texts.formatted(number, ",.0%") == format_percent(number, locale="de")
    assert texts.filled("{number:,.3f}, {year}", number=number, year=2026) == f"{with_three}, 2026"


def test_a_counted_number_is_grouped_as_in_germany(german):
    assert texts.counted("{n:,} row", "{n:,} rows", 1234567) == "1.234.567 Zeilen"


def test_the_window_formats_no_number_past_the_language():
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sorted(APP.rglob("*.py"))
        for line in formats(file.read_text(encoding="utf-8"))
    ]
    assert found == [], "Use formatted() or filled() of designer.texts."


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ('f"{rows:,} rows"', [1]),
        ('f"{share:.1%}"', [1]),
        ('tr("{rows:,} rows").format(rows=rows)', [1]),
        ('filled(tr("{rows:,} rows"), rows=rows)', []),
        ('float(f"{value:.10g}")', []),
        ('f"{zoom:.0f} %"', []),
    ],
)
def test_the_search_for_formats_finds_those_with_separators(code, lines):
    assert formats(code) == lines


def formats(source: str) -> list[int]:
    """Return the lines where a number gets separators of English."""
    tree = ast.parse(source)
    read = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("float", "formatted")
        for child in ast.walk(node)
    }
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec and node not in read
        if SEPARATED.match("".join(str(part.value) for part in spec_parts(node)))
    ]
    lines += [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "format" and isinstance(node.func.value, ast.Call)
        for text in ast.walk(node.func.value)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        if any(SEPARATED.match(spec) for _, spec in placeholders(text.value))
    ]
    return lines


def spec_parts(node: ast.FormattedValue) -> list[ast.Constant]:
    parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
    return [part for part in parts if isinstance(part, ast.Constant)]


SEPARATED = re.compile(r",|\.(?!0f)")
"""Formats whose numbers have separators of thousands or decimals, or a percent sign."""


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "de_DE", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANGUAGE": "de:en", "LANG": "en_US"}, "de"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR"}, "en"),
    ],
)
def test_the_language_of_the_system(monkeypatch, variables, language):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        texts.use("system")
        assert texts.language() == language
    finally:
        texts.use("en")


def test_modules_have_german_titles_and_are_otherwise_the_same(german):
    english = load_catalog()
    shown = translated(english)
    assert shown["split_data"].title == "Daten aufteilen"
    assert shown["split_data"].category_title == "Datentransformation"
    assert shown["split_data"].inputs[0].title == "Datensatz"
    assert english["split_data"].inputs[0].title == "Dataset"
    assert set(shown) == set(english)
    for name, spec in shown.items():
        assert [each.name for each in spec.parameters] == [
            each.name for each in english[name].parameters
        ]
        assert spec.file == english[name].file


def test_results_are_reused_in_every_language(german, tmp_path):
    english = load_catalog()
    pipeline, one = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a\n1\n2\n"}
    )
    with Engine(Workspace(tmp_path), english, workers=1) as engine:
        first = engine.run(pipeline, base=tmp_path)
    with Engine(Workspace(tmp_path), translated(english), workers=1) as engine:
        second = engine.run(pipeline, base=tmp_path)
    assert first.nodes[one].status == "completed"
    assert second.nodes[one].status == "reused"


def test_commands_are_german_if_the_language_is_chosen_before_the_window_is_imported():
    code = (
        "from designer import texts\n"
        "texts.use('de')\n"
        "from designer.app.preferences.actions import PreferenceActions\n"
        "(command,) = vars(PreferenceActions.preferences).values()\n"
        "print(ascii(command.text))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == ascii("Einstellungen…"), done.stderr
