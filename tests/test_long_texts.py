"""Pages of the guide and explanations of modules in German: whole, and otherwise the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from markdown_it import MarkdownIt

from designer import paths, texts
from designer.app.library.translation import translated
from designer.app.panels.help_text import module_html
from designer.catalog import load_catalog
from designer.composed_texts import in_language
from designer.long_texts import headings, page_in_language, paragraphs

USING, _, _ = (paths.guide() / "README.md").read_text(encoding="utf-8").partition("## Changing")

PAGES = sorted(
    {
        page.relative_to(paths.guide()).as_posix()
        for name in re.findall(r"\]\(([\w./-]+\.md)\)", USING)
        for page in (
            (paths.guide() / name).parent.glob("*.md")
            if name.endswith("README.md")
            else [paths.guide() / name]
        )
    }
)
"""The pages for users, with all problems and the reference of modules."""

ENGLISH = re.compile(r"\b(the|is|isn't|are|when|with|which|each|rows|columns|needs|needed)\b")


@pytest.fixture
def german() -> Iterator[None]:
    texts.use("de")
    yield
    texts.use("en")


def page(name: str) -> str:
    return (paths.guide() / name).read_text(encoding="utf-8")


@cache
def german_page(name: str) -> str:
    """Return a page as it is shown while German is the language."""
    assert texts.language() == "de"
    return page_in_language(page(name))


def shape(markdown: str) -> list[object]:
    """Return what isn't text: blocks with their levels, code, where links lead."""
    found: list[object] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        found.append((token.type, token.tag, token.level))
        if token.type in ("fence", "code_block", "html_block"):
            found.append(token.content)
        marks = [each for each in token.children or () if each.type not in ("text", "softbreak")]
        # Words may be in another order, and an image is described in words.
        code = [(each.type, each.content if each.type == "code_inline" else "") for each in marks]
        found.append(sorted(zip(code, (str(each.attrs) for each in marks), strict=True)))
    return found


def test_there_are_pages() -> None:
    assert {"guide.md", "endpoints.md", "problems/no-rows.md", "modules/regression.md"} < {*PAGES}


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("name", PAGES)
def test_a_german_page_has_the_code_links_and_structure_of_the_english_one(name: str) -> None:
    assert shape(german_page(name)) == shape(page(name))


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("name", PAGES)
def test_a_german_page_has_no_english_sentence(name: str) -> None:
    left = [
        text
        for text in paragraphs(german_page(name))
        if len(ENGLISH.findall(re.sub(r"(`+).+?\1|\*.+?\*|\]\(.*?\)|„[^“]*“", "", text))) > 1
    ]
    assert left == []


@pytest.mark.usefixtures("german")
def test_explanations_of_modules_are_german() -> None:
    left = {}
    for spec in translated(load_catalog()).values():
        if spec.function.__module__.startswith("modules."):
            words = re.sub(r"<code>.*?</code>|<[^>]+>", "", module_html(spec))
            # A title of a paper, or a choice, may be in English.
            if len(found := ENGLISH.findall(words)) > 2:
                left[spec.id] = found
    assert left == {}


@pytest.mark.usefixtures("german")
def test_help_lists_functions_by_the_names_that_the_field_shows() -> None:
    """Not Log as “Protokoll”, and Create beside ReadOnly."""
    catalog = translated(load_catalog())
    assert "Protokoll" not in module_html(catalog["apply_math_operation"])
    assert "Create, ReadOnly" in module_html(catalog["extract_n_gram_features_from_text"])


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("phrase", "shown"),
    [
        ("an untrained model for clustering", "ein untrainiertes Modell für Clustering"),
        ("a trained model for vowpal wabbit", "ein trainiertes Modell für Vowpal Wabbit"),
    ],
)
def test_tasks_of_models_are_german(phrase: str, shown: str) -> None:
    assert in_language(phrase) == shown


@pytest.mark.usefixtures("german")
def test_a_paragraph_that_changed_is_english_and_the_rest_german() -> None:
    changed = page("guide.md").replace("## Run\n", "## Run\n\nSomething new is here.\n", 1)
    found = page_in_language(changed)
    assert "\nSomething new is here.\n" in found
    assert found.replace("Something new is here.\n\n", "") == page_in_language(page("guide.md"))


def test_english_pages_are_as_they_are() -> None:
    for name in PAGES[:20]:
        assert page_in_language(page(name)) == page(name)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    "text",
    [
        "1. One\n2. Two\n\n   More of two.\n",
        "> Quoted text\n> in two lines\n",
        "| a \\| b | c |\n| --- | --- |\n| Run | `x|y` |\n",
        "Text\\\nbroken\n\n---\n\n```\nRun\n```\n",
        "",
        "\n\n",
        "no end of line",
    ],
)
def test_what_is_unknown_stays_as_it_is(text: str) -> None:
    found = page_in_language(text)
    assert shape(found) == shape(text)
    assert found.replace("Ausführen", "Run").split() == text.split()


def test_headings_have_the_names_that_links_use() -> None:
    text = '# A `code` & [link](x.md)\n\n<a id="split_data"></a>\n\n## Split Data\n\nText\n\n## B\n'
    assert headings(text) == [{"a-code--link"}, {"split-data", "split_data"}, {"b"}]
