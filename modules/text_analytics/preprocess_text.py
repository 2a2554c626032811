"""Preprocess Text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    ModuleError,
    RowForm,
    RowStep,
    module,
    report_progress,
)
from modules.contract.code import CodeStep, literal
from modules.contract.data_table import kind_of
from modules.contract.value import Row
from modules.tables.frames import free_name, rebuilt
from modules.text_analytics._english import STOP_WORDS, expanded, sentences
from modules.text_analytics._texts import as_text, text_columns, texts_of

if TYPE_CHECKING:
    import pandas as pd

SENTENCE_MARK = "|||"

# The look-behind keeps the search linear in long runs without an @.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:(?:https?|ftp)://|\bwww\.)[^\s<>\"]+", re.IGNORECASE)
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_SPECIAL = re.compile(r"[^\w\s]|_")
_NUMBER = re.compile(r"[^\w\s]*\d+(?:[.,:/\-]\d+)*[^\w\s]*")

SETTINGS = (
    "expand_contractions",
    "remove_stop_words",
    "lemmatize",
    "detect_sentences",
    "lowercase",
    "remove_numbers",
    "remove_special_characters",
    "remove_duplicate_characters",
    "remove_emails",
    "remove_urls",
    "normalize_backslashes",
    "split_tokens",
    "custom_expression",
    "custom_replacement",
)
"""The parameters that decide how a text is cleaned."""

Settings = Mapping[str, Any]


def _make(step: ExampleStep) -> dict[str, Any]:
    settings = {name: step.arguments[name] for name in SETTINGS}
    words = step.inputs.get("stop_words")
    names = step.arguments["columns"].resolve_each(step.inputs["dataset"].columns)
    return {
        "settings": settings,
        "stop_words": _stop_words(words.frame if words is not None else None),
        "columns": dict(zip(names, _outputs(step.inputs["dataset"].names, names), strict=True)),
        "microseconds": 100.0,
    }


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    clean = cleaner(form["settings"], form["stop_words"])

    def step(row: Row) -> dict[str, Any]:
        made = {output: clean(as_text(row[name])) for name, output in form["columns"].items()}
        return dict(row) | made

    return step


def _code(step: CodeStep) -> None:
    frame, names = step.inputs["dataset"], step.columns("columns", "dataset")
    words = step.inputs.get("stop_words", "None")
    settings = ", ".join(f"{literal(name)}: {step.source(name)}" for name in SETTINGS)
    call = f"{step.helper(add_cleaned)}({frame}, {words}, {names}, {{{settings}}})"
    step.write(f"{step.outputs[0]} = {call}")


@module(
    "Preprocess Text",
    outputs=("results_dataset",),
    keywords=("clean", "stop words", "lemmatize", "lowercase", "tokenize", "nlp", "url", "e-mail"),
    requires=("pandas", "simplemma"),
    row=RowForm(_make, _load, fixed=("stop_words",)),
    code=_code,
)
def preprocess_text(
    dataset: DataTable,
    stop_words: DataTable | None = None,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Text column to clean"),
        Columns(of="dataset", kinds=("string", "categorical")),
    ],
    expand_contractions: Annotated[bool, Field(title="Expand verb contractions")] = True,
    remove_stop_words: bool = True,
    lemmatize: Annotated[bool, Field(title="Use lemmatization")] = True,
    detect_sentences: bool = True,
    lowercase: Annotated[bool, Field(title="Normalize case to lowercase")] = True,
    remove_numbers: bool = True,
    remove_special_characters: bool = True,
    remove_duplicate_characters: bool = True,
    remove_emails: Annotated[bool, Field(title="Remove email addresses")] = True,
    remove_urls: Annotated[bool, Field(title="Remove URLs")] = True,
    normalize_backslashes: Annotated[bool, Field(title="Normalize backslashes to slashes")] = True,
    split_tokens: Annotated[bool, Field(title="Split tokens on special characters")] = True,
    custom_expression: Annotated[str, Field(title="Custom regular expression")] = "",
    custom_replacement: Annotated[str, Field(title="Custom replacement string")] = "",
) -> DataTable:
    r"""Clean English text: stop words, word forms, case, numbers, addresses, and punctuation.

    Use it before Extract N-Gram Features from Text, Feature Hashing, or Latent Dirichlet
    Allocation, which count words.

    Parameters
    ----------
    dataset : DataTable
        A table with text columns.
    stop_words : DataTable, optional
        Words to remove in place of the built-in list: its first text column, one word per row.
    columns : ColumnSelector
        The columns to clean.
    expand_contractions : bool
        Write contracted verbs in full: ``wouldn't`` becomes ``would not``.
    remove_stop_words : bool
        Remove words that carry little meaning, such as ``the``.
    lemmatize : bool
        Replace each word with its dictionary form: ``mice`` with ``mouse``.
    detect_sentences : bool
        Insert ``|||`` between sentences.
    lowercase : bool
        Convert all letters to lowercase.
    remove_numbers : bool
        Remove words that are numbers; ``42`` is removed, ``b2b`` is kept.
    remove_special_characters : bool
        Remove everything except letters, digits, and white space.
    remove_duplicate_characters : bool
        Shorten a character that is repeated more than twice to two.
    remove_emails : bool
        Remove e-mail addresses.
    remove_urls : bool
        Remove addresses that start with ``http``, ``https``, ``ftp``, or ``www``.
    normalize_backslashes : bool
        Replace each backslash with a slash.
    split_tokens : bool
        Split words at special characters: ``state-of-the-art`` becomes four words. Otherwise
        removing the special characters joins the parts.
    custom_expression : str
        Text that matches this regular expression, in Python's syntax, is replaced before
        everything else.
    custom_replacement : str
        The replacement; ``\1`` is the text of the first group.

    Returns
    -------
    results_dataset : DataTable
        The dataset with a column ``Preprocessed COLUMN`` for each cleaned column.

    Notes
    -----
    The steps in their order: custom expression, contractions, e-mail addresses, URLs,
    backslashes, duplicate characters, sentences; then in each sentence splitting, numbers,
    stop words, case, lemmas, and special characters. Numbers and stop words are recognized
    without the special characters around them, and regardless of case. Missing texts stay
    missing. A text of which nothing remains becomes empty.

    Lemmas come from the dictionary of simplemma (Barbaresi), without regard to the part of
    speech. Unlike in Azure ML designer, which uses spaCy, no model has to be downloaded. The
    language isn't a parameter, because there is only one.
    """
    names = text_columns(columns, dataset, "columns", "to clean")
    settings = {
        "expand_contractions": expand_contractions,
        "remove_stop_words": remove_stop_words,
        "lemmatize": lemmatize,
        "detect_sentences": detect_sentences,
        "lowercase": lowercase,
        "remove_numbers": remove_numbers,
        "remove_special_characters": remove_special_characters,
        "remove_duplicate_characters": remove_duplicate_characters,
        "remove_emails": remove_emails,
        "remove_urls": remove_urls,
        "normalize_backslashes": normalize_backslashes,
        "split_tokens": split_tokens,
        "custom_expression": custom_expression,
        "custom_replacement": custom_replacement,
    }
    words = None if stop_words is None else stop_words.frame
    return dataset.with_frame(add_cleaned(dataset.frame, words, names, settings))


def add_cleaned(
    frame: pd.DataFrame, stop_words: pd.DataFrame | None, names: Sequence[str], settings: Settings
) -> pd.DataFrame:
    """Return a frame with its text columns cleaned."""
    import pandas as pd

    clean = cleaner(settings, _stop_words(stop_words))
    appended = {}
    for name, output in zip(names, _outputs(list(frame.columns), names), strict=True):
        made = []
        for row, text in enumerate(texts_of(frame[name])):
            if row % 1_000 == 0:
                report_progress(row / len(frame), f"{name}: row {row:,} of {len(frame):,}")
            made.append(clean(text))
        appended[output] = pd.Series(made, dtype="str")
    return rebuilt(frame, appended=appended)


def cleaner(settings: Settings, stop_words: Sequence[str]) -> Callable[[str | None], str | None]:
    """Return the function that cleans a text.

    Parameters
    ----------
    settings : mapping
        The parameters of the module by name.
    stop_words : sequence of str
        In lowercase.
    """
    replace = _custom(settings["custom_expression"], settings["custom_replacement"])
    removed = frozenset(stop_words) if settings["remove_stop_words"] else frozenset()
    lemma = _lemmatizer() if settings["lemmatize"] else None

    def word(token: str) -> str:
        bare = _SPECIAL.sub("", token)
        if bare.lower() in removed and bare:
            return ""
        if settings["lowercase"]:
            token = token.lower()
        if lemma is not None and token.isalpha():
            token = lemma(token)
        return _SPECIAL.sub("", token) if settings["remove_special_characters"] else token

    def sentence(text: str) -> str:
        if settings["remove_numbers"]:
            text = " ".join(each for each in text.split() if not _NUMBER.fullmatch(each))
        if settings["split_tokens"]:
            text = _SPECIAL.sub(" " if settings["remove_special_characters"] else r" \g<0> ", text)
        tokens = text.split()
        if settings["remove_numbers"]:
            tokens = [each for each in tokens if not _NUMBER.fullmatch(each)]
        return " ".join(filter(None, map(word, tokens)))

    def clean(text: str | None) -> str | None:
        if text is None:
            return None
        text = replace(text)
        if settings["expand_contractions"]:
            text = expanded(text)
        if settings["remove_emails"]:
            text = _EMAIL.sub(" ", text)
        if settings["remove_urls"]:
            text = _URL.sub(" ", text)
        if settings["normalize_backslashes"]:
            text = text.replace("\\", "/")
        if settings["remove_duplicate_characters"]:
            text = _REPEATED.sub(r"\1\1", text)
        parts = sentences(text) if settings["detect_sentences"] else [text]
        return f" {SENTENCE_MARK} ".join(filter(None, map(sentence, parts)))

    return clean


def _lemmatizer() -> Callable[[str], str]:
    from functools import lru_cache

    from simplemma import lemmatize

    return lru_cache(maxsize=100_000)(lambda token: lemmatize(token, lang="en"))


def _custom(expression: str, replacement: str) -> Callable[[str], str]:
    if not expression:
        return lambda text: text
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise ModuleError(
            "bad-expression",
            f"“{expression}” isn't a regular expression: {error}.",
            "Check the expression; Python's syntax applies.",
            parameter="custom_expression",
        ) from error
    try:
        pattern.sub(replacement, "")
    except (re.error, IndexError) as error:
        raise ModuleError(
            "bad-replacement",
            f"“{replacement}” isn't a replacement for the expression: {error}.",
            "Refer to groups of the expression only, for example \\1.",
            parameter="custom_replacement",
        ) from error
    return lambda text: pattern.sub(replacement, text)


def _stop_words(frame: pd.DataFrame | None) -> list[str]:
    """Return the words to remove in lowercase."""
    if frame is None:
        return sorted(STOP_WORDS)
    texts = [name for name in frame if kind_of(frame[name].dtype) in ("string", "categorical")]
    if not texts:
        raise ModuleError(
            "no-stop-words",
            "The table of stop words has no text column.",
            "Link a table with a column that contains one word per row.",
            port="stop_words",
        )
    return sorted({each.strip().lower() for each in texts_of(frame[texts[0]]) if each})


def _outputs(taken: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the names of the cleaned columns."""
    found: list[str] = []
    for name in names:
        found.append(free_name(f"Preprocessed {name}", {*taken, *found}))
    return found
