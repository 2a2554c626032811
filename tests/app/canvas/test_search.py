"""Finding modules."""

from __future__ import annotations

from canvas_desk import CATALOG, spec_of
from hypothesis import given
from hypothesis import strategies as st

from designer.app.canvas.editing.search import ranked


def found(text: str) -> list[str]:
    return [spec.title for spec in ranked(CATALOG.values(), text)]


def test_titles_come_before_keywords_and_these_before_summaries():
    assert found("split")[0] == "Split Data"
    assert found("clean m") == ["Clean Missing Data"]
    assert found("impute") == ["Clean Missing Data"]
    assert found("empty cells") == ["Clean Missing Data"]
    assert found("dataset")[0] == "Dataset"
    assert "Select Columns in Dataset" in found("dataset")


def test_of_equal_fits_the_shorter_title_comes_first():
    longer = spec_of("train_clustering", "Train Clustering Model", "Model Training")
    titles = [spec.title for spec in ranked([longer, *CATALOG.values()], "train")]
    assert titles[:2] == ["Train Model", "Train Clustering Model"]


def test_words_in_any_order_and_case():
    assert found("MODEL train") == ["Train Model"]


def test_letters_that_follow_each_other_in_the_title():
    assert "Select Columns in Dataset" in found("scd")


def test_an_empty_text_finds_everything_in_order():
    assert found("") == found("   ") == [spec.title for spec in CATALOG.values()]


@given(st.text(max_size=30))
def test_any_text_is_a_search(text):
    titles = found(text)
    assert len(titles) == len(set(titles))
    assert set(titles) <= {spec.title for spec in CATALOG.values()}
