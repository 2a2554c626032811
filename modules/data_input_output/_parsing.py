"""Options for reading files, shared by several modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from modules.contract import Needed, TypesOfColumns, When

FORMATS = ("CSV", "TSV", "Parquet", "ARFF", "JSON lines", "Excel")

SUFFIXES = {
    ".csv": "CSV",
    ".txt": "CSV",
    ".data": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".arff": "ARFF",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
    ".json": "JSON lines",
    ".xlsx": "Excel",
    ".xlsm": "Excel",
}
"""The format by file extension."""

DELIMITERS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "space": " ",
}

USUAL_MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""Texts that pandas reads as missing by default."""

_TEXT = ("auto", "CSV", "TSV")
_TEXT_OR_EXCEL = ("auto", "CSV", "TSV", "Excel")

Format = Annotated[
    Literal["auto", "CSV", "TSV", "Parquet", "ARFF", "JSON lines", "Excel"],
    Field(title="File format"),
]
Delimiter = Annotated[
    Literal["auto", "comma", "semicolon", "tab", "pipe", "space", "other"],
    Field(title="Delimiter"),
    When(format=_TEXT),
]
OtherDelimiter = Annotated[str, Field(title="Other delimiter"), Needed(), When(delimiter="other")]
Encoding = Annotated[str, Field(title="Encoding"), When(format=_TEXT)]
Header = Annotated[bool, Field(title="First row contains the names"), When(format=_TEXT_OR_EXCEL)]
Quote = Annotated[
    Literal["double quote", "single quote", "none"], Field(title="Quote"), When(format=_TEXT)
]
Decimal = Annotated[Literal["point", "comma"], Field(title="Decimal separator"), When(format=_TEXT)]
Thousands = Annotated[
    Literal["none", "comma", "point", "space", "apostrophe"],
    Field(title="Thousands separator"),
    When(format=_TEXT),
]
MissingValues = Annotated[str, Field(title="Texts that mean missing"), When(format=_TEXT_OR_EXCEL)]
UsualMissing = Annotated[
    bool, Field(title="Usual texts mean missing too"), When(format=_TEXT_OR_EXCEL)
]
SkipRows = Annotated[
    int, Field(title="Rows to skip at the start", ge=0), When(format=_TEXT_OR_EXCEL)
]
Sheet = Annotated[str, Field(title="Sheet"), When(format=("auto", "Excel"))]
Dates = Annotated[
    Literal["ISO dates", "day first", "month first", "never"],
    Field(title="Read dates"),
    When(format=(*_TEXT_OR_EXCEL, "JSON lines")),
]
StripBlanks = Annotated[bool, Field(title="Remove blanks after delimiters"), When(format=_TEXT)]
ColumnType = Literal["integer", "number", "boolean", "string", "datetime", "categorical"]
ColumnTypes = Annotated[dict[str, ColumnType] | None, Field(title="Column types"), TypesOfColumns()]
RaggedRows = Annotated[Literal["error", "skip"], Field(title="Ragged rows"), When(format=_TEXT)]


@dataclass(frozen=True)
class Parsing:
    """The options for reading a file; names and values are those of the modules' parameters."""

    format: str = "auto"
    delimiter: str = "auto"
    other_delimiter: str = ""
    encoding: str = "auto"
    header: bool = True
    quote: str = "double quote"
    decimal: str = "point"
    thousands: str = "none"
    missing_values: str = ""
    usual_missing: bool = True
    skip_rows: int = 0
    sheet: str = ""
    dates: str = "ISO dates"
    ragged_rows: str = "error"
    strip_blanks: bool = True
    column_types: Mapping[str, str] | None = None

    @property
    def quote_character(self) -> str | None:
        """The quote, or None if there is none."""
        return {"double quote": '"', "single quote": "'"}.get(self.quote)

    @property
    def decimal_character(self) -> str:
        """The decimal separator."""
        return "," if self.decimal == "comma" else "."

    @property
    def thousands_character(self) -> str | None:
        """The thousands separator, or None if there is none."""
        return {"comma": ",", "point": ".", "space": " ", "apostrophe": "'"}.get(self.thousands)

    @property
    def missing_texts(self) -> list[str]:
        """All texts that mean a missing value."""
        own = [text.strip() for text in self.missing_values.split(";") if text.strip()]
        return [*USUAL_MISSING, *own] if self.usual_missing else ["", *own]

    @property
    def usual_words(self) -> list[str]:
        """The words that are read as missing without the user having named them."""
        return [word for word in USUAL_MISSING if word] if self.usual_missing else []

    @property
    def chosen_types(self) -> Mapping[str, str]:
        """The types of columns that the user has chosen."""
        return self.column_types or {}

    def keeps_text(self, name: str) -> bool:
        """Return whether a column is to be as it is in the file."""
        return self.chosen_types.get(name) == "string"
