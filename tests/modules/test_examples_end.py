"""An example pipeline is small: no module follows another one that outputs what it takes."""

from __future__ import annotations

import pytest
from module_examples import PALETTE

from designer.examples import example
from modules.contract import ModuleSpec


@pytest.mark.parametrize("spec", PALETTE.values(), ids=PALETTE.keys())
def test_an_example_is_small(spec: ModuleSpec) -> None:
    made = example(spec, PALETTE)
    assert made is None or 1 <= len(made.nodes) <= 8
