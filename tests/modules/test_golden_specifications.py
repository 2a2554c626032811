"""A default, a choice or a port changes only on purpose."""

from __future__ import annotations

import json

import pytest
from golden_specifications import GOLDEN, plain
from module_examples import PALETTE

from modules.contract import ModuleSpec

HOW = "If the change is meant: python tests/modules/regenerate_golden.py, and see its docstring."


@pytest.mark.parametrize("spec", PALETTE.values(), ids=PALETTE.keys())
def test_specification_is_as_agreed(spec: ModuleSpec) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert json.loads(json.dumps(plain(spec))) == golden.get(spec.id), HOW


def test_no_module_is_lost() -> None:
    assert set(json.loads(GOLDEN.read_text("utf-8"))) <= set(PALETTE), HOW
