"""Every module is compared with an independent result, by a test that names its source.

A test that does so is marked ``@pytest.mark.proves("ID", by="SOURCE")``; conftest.py fails it if it
doesn't call the module. ``python tests/modules/test_proofs.py`` prints the table.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent
PROVES = "pytest.mark.proves"


class Proof(NamedTuple):
    """A mark: the module, the test, and what its result is compared with."""

    module: str
    test: str
    source: str


def proofs() -> Iterator[Proof]:
    """Yield the marks of all tests of modules."""
    for path in sorted(FOLDER.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                test = f"{path.relative_to(FOLDER).as_posix()}::{node.name}"
                for mark in node.decorator_list:
                    if not (isinstance(mark, ast.Call) and ast.unparse(mark.func) == PROVES):
                        continue
                    (source,) = (ast.literal_eval(each.value) for each in mark.keywords)
                    yield from (Proof(ast.literal_eval(m), test, source) for m in mark.args)


def test_every_module_is_compared_with_something_else() -> None:
    from module_examples import PALETTE

    found = list(proofs())
    assert [each for each in PALETTE if each not in {proof.module for proof in found}] == []
    assert [proof for proof in found if proof.module not in PALETTE] == []
    assert all(proof.source for proof in found)


if __name__ == "__main__":
    for proof in sorted(proofs()):
        sys.stdout.write(f"| {proof.module} | {proof.test} | {proof.source} |\n")
