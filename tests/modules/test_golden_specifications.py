"""A default, a choice or a port changes only on purpose."""

from __future__ import annotations

import json

import pytest
from golden_specifications import GOLDEN, file_of, plain
from module_examples import PALETTE

from modules.contract import ModuleSpec

HOW = "If the change is meant: python tests/modules/regenerate_golden.py, and see its docstring."


@pytest.mark.parametrize("spec", PALETTE.values(), ids=PALETTE.keys())
def test_specification_is_as_agreed(spec: ModuleSpec) -> None:
    file = file_of(spec)
    assert file.exists(), HOW
    assert json.loads(json.dumps(plain(spec))) == json.loads(file.read_text("utf-8")), HOW


def test_no_module_is_lost() -> None:
    assert set(GOLDEN.rglob("*.json")) == {file_of(spec) for spec in PALETTE.values()}, HOW
