"""Cleaning text, step by step, against results written down by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.module_spec import ModuleSpec
from modules.contract.specification import specification
from modules.text_analytics.preprocess_text import preprocess_text

SPEC: ModuleSpec = specification(preprocess_text)
OFF: dict[str, Any] = {p.name: False for p in SPEC.parameters if p.kind == "boolean"}


def table(*texts: str | None) -> DataTable:
    return DataTable(pd.DataFrame({"text": pd.Series(texts, dtype="str")}))


def cleaned(text: str | None, *on: str, **parameters: Any) -> Any:
    settings = OFF | dict.fromkeys(on, True) | parameters
    result = preprocess_text(table(text), columns=ColumnSelector.names("text"), **settings)
    assert result.names == ["text", "Preprocessed text"]
    (found,) = result.frame["Preprocessed text"].astype(object).where(lambda c: c.notna(), None)
    return found


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        ("expand_contractions", "She wouldn't go", "She would not go"),
        ("expand_contractions", "Won't you? I’m sure they’ve", "Will not you? I am sure they have"),
        ("expand_contractions", "It's John's; let's see", "It is John's; let us see"),
        (
            "expand_contractions",
            "We can't, shan't, and they'll",
            "We can not, shall not, and they will",
        ),
        ("remove_stop_words", "The cat, and not the dog", "cat, dog"),
        ("lemmatize", "mice were running", "mouse be run"),
        ("detect_sentences", "One ran. Two slept!  3 ate?", "One ran. ||| Two slept! ||| 3 ate?"),
        (
            "detect_sentences",
            "Dr. Who met J. Smith at 5 p.m. today.",
            "Dr. Who met J. Smith at 5 p.m. today.",
        ),
        ("lowercase", "ÉTÉ in Rome", "été in rome"),
        ("remove_numbers", "3.5 cats, 42 b2b $7,000 2024-01-05 4th", "cats, b2b 4th"),
        ("remove_special_characters", "well-known! (yes) #1", "wellknown yes 1"),
        ("remove_duplicate_characters", "soooo good!!!! loop", "soo good!! loop"),
        ("remove_emails", "ask jo.doe+x@mail.example.org now", "ask now"),
        ("remove_urls", "see https://a.example/b?c=1 or www.b.example", "see or"),
        ("normalize_backslashes", "a\\b", "a/b"),
        ("split_tokens", "state-of-the-art", "state - of - the - art"),
    ],
)
@pytest.mark.proves("preprocess_text", by="by hand")
def test_each_step_alone(step: str, text: str, expected: str) -> None:
    assert cleaned(text, step) == expected


def test_steps_together() -> None:
    text = "The mice weren't here!!!! Mail me@x.org: 12 state-of-the-art cats."
    assert cleaned(text, *OFF) == "mouse ||| mail state art cat"
    assert cleaned("MS-WORD", "split_tokens", "remove_special_characters") == "MS WORD"


def test_the_custom_expression_runs_first() -> None:
    parameters = {"custom_expression": r"<(\w+)>", "custom_replacement": r"\1 42"}
    assert cleaned("<b> x", **parameters) == "b 42 x"
    assert cleaned("<b> x", "remove_numbers", **parameters) == "b x"


def test_missing_stays_missing_and_nothing_left_is_empty() -> None:
    assert cleaned(None, *OFF) is None
    assert cleaned("the and 42 !!", *OFF) == ""


def test_a_list_of_stop_words_replaces_the_built_in_one() -> None:
    words = DataTable(pd.DataFrame({"id": [1, 2], "word": [" Cat", "DOG"]}))
    result = preprocess_text(
        table("the cat and the dog"),
        words,
        columns=ColumnSelector.names("text"),
        **OFF | {"remove_stop_words": True},
    )
    assert result.frame["Preprocessed text"].tolist() == ["the and the"]


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"custom_expression": "("}, "custom_expression"),
        ({"custom_expression": "a", "custom_replacement": r"\1"}, "custom_replacement"),
    ],
)
def test_a_bad_expression_is_explained(parameters: dict[str, str], parameter: str) -> None:
    with pytest.raises(ModuleError) as caught:
        cleaned("text", **parameters)
    assert caught.value.parameter == parameter
    assert caught.value.hint
