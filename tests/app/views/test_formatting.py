"""Numbers and titles as they are written for people."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer import texts
from designer.app.views import formatting
from designer.app.views.formatting import number
from designer.app.widgets.sentence_case import in_sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8.4971e-05, "0.000084971"),
        (1.25e-7, "0.000000125"),
        (-3.0e-6, "-0.000003"),
        (8.5e-12, "8.5 × 10⁻¹²"),
        (1.5e300, "1.5 × 10³⁰⁰"),
        (0.00012, "0.00012"),
        (0.5, "0.5"),
        (1234567.8, "1234568"),
        (0.0, "0"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_a_number_is_written_without_the_letter_e(value, text):
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_has_six_digits_of_the_value(value):
    mantissa, _, power = number(value).partition(" × 10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    written = Decimal(mantissa).scaleb(int(raised or 0))
    assert abs(written - Decimal(value)) <= abs(Decimal(value)) * Decimal("5.0001e-6")


@pytest.mark.parametrize(
    ("shown", "german"),
    [
        (lambda: formatting.number(0.000084971), "0,000084971"),
        (lambda: formatting.number(8.5e-12), "8,5 × 10⁻¹²"),
        (lambda: formatting.fixed(0.8571, 3), "0,857"),
        (lambda: formatting.grouped(1234567.0), "1.234.567"),
        (lambda: formatting.grouped(1234.5), "1.234,5"),
        (lambda: formatting.size(1_500_000), "1,5 MB"),
        (lambda: formatting.cell(12.25), "12,25"),
        (lambda: formatting.cell("12.25"), "12.25"),
        (lambda: formatting.full_shown(1e-05), "1e-05"),
        (lambda: formatting.full_shown(12.25), "12,25"),
        # What is copied is read by programs.
        (lambda: formatting.full(12.25), "12.25"),
    ],
)
def test_a_number_on_the_screen_has_a_german_comma(shown, german):
    texts.use("de")
    try:
        assert shown() == german
    finally:
        texts.use("en")


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("Random seed", "random seed"),
        ("AUC", "AUC"),
        ("F1 score", "F1 score"),
        ("L1 regularization weight", "L1 regularization weight"),
        ("SQL query script", "SQL query script"),
        ("URL", "URL"),
        ("Azure ML (SDK v2)", "Azure ML (SDK v2)"),
        ("A whole number", "a whole number"),
        ("", ""),
    ],
)
def test_a_title_keeps_its_abbreviations_inside_of_a_sentence(title, inside):
    assert in_sentence(title) == inside
