"""The guide opens from the Help menu, and its links lead from page to page."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from window_desk import SHIFT, key

from designer import paths, texts
from designer.app.dialogs.guide import CONTENTS, FIRST_PAGE, Guide
from designer.app.shell import theme


@pytest.fixture
def guide(window):
    key(window, Qt.Key.Key_F1, SHIFT)
    found = window.findChildren(Guide)
    assert len(found) == 1
    return found[0]


def titles(guide: Guide) -> list[str]:
    block, found = guide.page.document().begin(), []
    while block.isValid():
        if block.blockFormat().headingLevel():
            found.append(block.text())
        block = block.next()
    return found


def test_it_shows_the_page_as_text_and_goes_back(guide):
    text = (paths.guide() / FIRST_PAGE).read_text(encoding="utf-8")
    assert titles(guide)[0] == text.splitlines()[0].lstrip("# ")
    assert not guide.back.isEnabled()
    QTest.mouseClick(guide.contents, Qt.MouseButton.LeftButton)
    assert guide.page.source().fileName() == CONTENTS
    QTest.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert guide.page.source().fileName() == FIRST_PAGE


@pytest.mark.long
def test_every_link_between_pages_leads_somewhere(guide):
    """Also those to a heading."""
    text = (paths.guide() / CONTENTS).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([\w./-]+\.md)(#[\w-]+)?\)", text)
    assert links
    for name, heading in links:
        guide.show_page(CONTENTS)
        guide.page.anchorClicked.emit(QUrl(name + heading))
        inside = (paths.guide() / name).resolve().is_relative_to(paths.guide())
        if inside:
            assert guide.page.source().path().endswith(name), name
        else:
            assert "isn't part of the guide" in guide.message.text()


def test_a_link_to_a_heading_scrolls_to_it(guide):
    last = titles(guide)[-1]
    slug = re.sub(r"[^\w\- ]", "", last.lower()).replace(" ", "-")
    guide.page.anchorClicked.emit(QUrl(f"#{slug}"))
    assert guide.page.textCursor().block().text() == last
    assert guide.page.verticalScrollBar().value() > 0


def test_typing_finds_text_in_the_page_and_says_if_there_is_none(guide):
    guide.search.setFocus()
    QTest.keyClicks(guide.search, "pipeline")
    assert guide.page.textCursor().selectedText().lower() == "pipeline"
    first = guide.page.textCursor().position()
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.page.textCursor().position() != first
    QTest.keyClicks(guide.search, "zzz")
    assert guide.message.text() == "No matches for “pipelinezzz” on this page."


def test_a_link_to_a_module_of_the_reference_scrolls_to_it(guide):
    guide.page.anchorClicked.emit(QUrl("modules/data-transformation.md#split_data"))
    assert guide.page.textCursor().block().text() == "Split Data"
    assert guide.page.verticalScrollBar().value() > 0


def test_in_german_pages_are_german_and_links_to_headings_still_lead_there(guide):
    texts.use("de")
    try:
        guide.page.anchorClicked.emit(QUrl("problems/no-label.md"))
        problem = guide.page.toPlainText()
        guide.page.anchorClicked.emit(QUrl("../endpoints.md"))
        guide.page.anchorClicked.emit(QUrl("guide.md#without-a-mouse"))
        found = guide.page.textCursor().block()
    finally:
        texts.use("en")
    assert "Alle Probleme" in problem
    assert "All problems" not in problem
    assert found.text() == "Ohne Maus"
    assert "Without a mouse" not in titles(guide)
    assert guide.page.verticalScrollBar().value() > 0


def test_the_longer_hint_of_another_language_fits_into_the_search_field(guide):
    hint = guide.search.fontMetrics().horizontalAdvance("Diese Seite durchsuchen")
    assert hint < guide.search.width() - 40


def test_links_follow_a_change_of_the_theme_and_the_page_stays_where_it_is(guide, qapp):
    guide.show_page(CONTENTS)
    bar = guide.page.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    before = bar.value()
    colors = []
    try:
        for mode in ("dark", "light"):
            theme.apply(qapp, mode)
            colors.append(link_color(guide))
    finally:
        theme.apply(qapp, "light")
    assert colors[0] != colors[1]
    assert bar.value() == before > 0


def link_color(guide: Guide) -> str:
    block = guide.page.document().begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            form = pieces.fragment().charFormat()
            if form.isAnchor():
                return form.foreground().color().name()
            pieces += 1
        block = block.next()
    raise AssertionError("There is no link.")
