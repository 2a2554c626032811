"""Small files are read as they are: codes, words, blanks, dates, types, encodings."""

from __future__ import annotations

import csv
import io
import random
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_cases import CASES, ENCODINGS, Case

from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.data_input_output._encodings import guessed_encoding
from modules.data_input_output._formats.delimited import read_delimited
from modules.data_input_output._parsing import USUAL_MISSING, Parsing
from modules.data_input_output.dataset import dataset
from modules.data_input_output.import_data import import_data


def shown(table: DataTable) -> dict[str, str]:
    """Return a table in the notation of the cases."""
    found = {}
    for column in table.columns:
        texts = [
            "–" if pd.isna(value) else str(value).removesuffix(" 00:00:00").replace(" ", "~")
            for value in table.frame[column.name]
        ]
        found[column.name] = " ".join([f"{column.kind[0]}:", *texts])
    return found


def read(content: bytes, folder: Path, **options: Any) -> tuple[DataTable, list[str]]:
    path = folder / "a.csv"
    path.write_bytes(content)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        table = dataset(path=str(path), **options)
    return table, [str(one.message) for one in told if one.category is ModuleWarning]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("case", CASES, ids=[f"{at}" for at in range(len(CASES))])
def test_a_file_becomes_this_table(case: Case, encoding: str, tmp_path: Path) -> None:
    table, told = read(case.text.encode(encoding), tmp_path, **case.options)
    assert shown(table) == case.columns
    told = [one for one in told if "isn't UTF-8" not in one]
    assert bool(told) == bool(case.told)
    assert case.told in "\n".join(told)
    for one in told:
        assert len(one) < 400


@pytest.mark.parametrize(("text", "encoding"), ENCODINGS)
def test_letters_are_read_as_written(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    assert content.decode(guessed_encoding(content)) == text


WESTERN = """
Österreich Größe Straße Müller Jäger Köln für Tür Äpfel Öl café naïve élève forêt hôtel garçon
cœur château déjà Noël maïs Niño Ñandú señor año corazón jamón São ação pão avô três città perché
più lunedì Ångström Göteborg å ö Århus blå øl Tromsø Bjørn Þór maður þú ideeën België één
Hämeenlinna l’été € – “x” m² ½ Nº ©2020 ™ §5 µm £ «été» „Hallo“ … ¿qué? ¡hola! Zürich Malmö
"""
PLAIN = ["price", "name", "1.5", "22", "Berlin", "total", "2024-01-01", "house number", "A1"]


def test_few_accented_letters_are_never_those_of_another_page() -> None:
    pick = random.Random(13)
    misread = []
    for _ in range(2_000):
        rows = [
            [pick.choice(PLAIN) for _ in range(pick.randint(2, 6))]
            for _ in range(pick.choice([1, 2, 5, 20]))
        ]
        for _ in range(pick.choice([1, 1, 2])):
            row = pick.choice(rows)
            row[pick.randrange(len(row))] = pick.choice(WESTERN.split())
        text = "\n".join(map(",".join, rows))
        content = text.encode("cp1252")
        if not content.isascii() and content.decode(guessed_encoding(content)) != text:
            misread.append(text)
    assert misread == []


CELLS = st.one_of(
    st.from_regex(r"0{0,2}[1-9]\d{0,17}", fullmatch=True),
    st.sampled_from([*USUAL_MISSING, "x", "Nadia", "a b", "0", "0.5", "00", "2024-02-30"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8),
)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.sampled_from(",;\t|"))
def test_what_is_read_as_string_is_what_was_written(rows: Any, delimiter: str) -> None:
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    types = {"a": "string", "b": "string"}
    parsing = Parsing(delimiter="other", other_delimiter=delimiter, column_types=types)
    frame = read_delimited(content.getvalue().encode(), parsing)
    found = [tuple("" if pd.isna(cell) else cell for cell in row) for row in frame.to_numpy()]
    assert found == rows


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12))
def test_no_digit_is_lost_without_being_asked_for(rows: Any) -> None:
    content = io.StringIO()
    csv.writer(content).writerows([("a", "b"), *rows])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        frame = read_delimited(content.getvalue().encode(), Parsing(delimiter="comma"))
    for at in range(2):
        for row, value in zip(rows, frame.iloc[:, at].tolist(), strict=True):
            digits = row[at].strip()
            if digits.isascii() and digits.isdigit() and not pd.isna(value):
                text = str(value) if isinstance(value, str) else str(int(value))
                assert text.strip() == digits


@pytest.mark.parametrize(
    ("text", "types", "code"),
    [
        ("a\nx\n", {"a": "number"}, "not-convertible"),
        ("a\nx\n", {"a": "datetime"}, "not-convertible"),
        ("a\nx\n", {"b": "string"}, "column-not-found"),
    ],
)
def test_a_type_that_cannot_be(text: str, types: Any, code: str, tmp_path: Path) -> None:
    with pytest.raises(ModuleError) as caught:
        read(text.encode(), tmp_path, column_types=types)
    assert caught.value.code == code
    assert caught.value.parameter == "column_types"


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl", "a.xlsx"])
def test_types_are_chosen_in_every_format(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"k": [1, 2], "w": ["1.5", "x"], "d": ["2024-01-31", "2024-02-01"]})
    path = tmp_path / name
    if name == "a.parquet":
        frame.to_parquet(path)
    elif name == "a.jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_excel(path, index=False)
    types: Any = {"k": "string", "w": "number", "d": "string"}
    with pytest.warns(ModuleWarning, match="“x” in row 2 was read as missing"):
        table = dataset(path=str(path), column_types=types)
    assert shown(table) == {"k": "s: 1 2", "w": "n: 1.5 –", "d": "s: 2024-01-31 2024-02-01"}


def test_a_column_of_a_workbook_may_be_called_none(tmp_path: Path) -> None:
    pd.DataFrame({"None": ["NA", "x"]}).to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.warns(ModuleWarning, match="“NA” in 1 row of “None”"):
        table = dataset(path=str(tmp_path / "a.xlsx"))
    assert shown(table) == {"None": "s: – x"}
    kept = dataset(path=str(tmp_path / "a.xlsx"), column_types={"None": "string"})
    assert shown(kept) == {"None": "s: NA x"}


def test_types_are_chosen_for_a_query(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as base:
        base.execute("create table t (k integer, d text)")
        base.execute("insert into t values (7, '2024-01-31')")
    base.close()
    table = import_data(
        source="database",
        connection=f"sqlite:///{tmp_path / 'a.db'}",
        query="select * from t",
        column_types={"k": "string", "d": "datetime"},
    )
    assert shown(table) == {"k": "s: 7", "d": "d: 2024-01-31"}
