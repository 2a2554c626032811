"""The files of a compiled model: equal for equal models, and refused if they are anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modules.contract import ModuleError
from modules.learning.compiled.linear import Linear
from modules.values.compiled_model import FILE, CompiledModel

ARRAYS = {"weights": np.array([1.0, 2.0]), "offsets": np.array([3.0])}


def saved(folder: Path, **facts: Any) -> Path:
    CompiledModel(Linear(), {"columns": ["é"], **facts}, ARRAYS).save(folder)
    return folder


def change(folder: Path, **content: Any) -> None:
    plain = json.loads((folder / FILE).read_text("utf-8"))
    (folder / FILE).write_text(json.dumps(plain | content), "utf-8")


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    loaded = CompiledModel.load(saved(tmp_path / "new" / "folder"))
    assert loaded.form == Linear()
    assert loaded.facts == {"columns": ["é"]}
    assert {name: array.tolist() for name, array in loaded.arrays.items()} == {
        "weights": [1.0, 2.0],
        "offsets": [3.0],
    }


def test_equal_models_have_equal_files_whatever_the_order_of_their_arrays(tmp_path: Path) -> None:
    first = saved(tmp_path / "first")
    CompiledModel(Linear(), {"columns": ["é"]}, dict(reversed(ARRAYS.items()))).save(tmp_path)
    assert (tmp_path / FILE).read_bytes() == (first / FILE).read_bytes()
    # Again, into a folder that is there.
    saved(first)
    assert (tmp_path / FILE).read_bytes() == (first / FILE).read_bytes()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_has_no_number_for_is_not_written(tmp_path: Path, number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        saved(tmp_path, threshold=number)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda folder: change(folder, format=0), "it has another version"),
        (lambda folder: change(folder, format=2), "it has another version"),
        (lambda folder: change(folder, form=None), ""),
        (lambda folder: change(folder, arrays=7), ""),
        (lambda folder: (folder / FILE).write_text("[1]", "utf-8"), ""),
        (lambda folder: (folder / FILE).write_text("[" * 100_000, "utf-8"), ""),
    ],
)
def test_any_other_file_is_damaged(
    tmp_path: Path, harm: Callable[[Path], object], reason: str
) -> None:
    folder = saved(tmp_path / "model")
    harm(folder)
    with pytest.raises(ModuleError) as caught:
        CompiledModel.load(folder)
    assert caught.value.code == "model-damaged"
    assert caught.value.message.startswith("The compiled model in “model” can't be read: ")
    assert reason in caught.value.message


def test_a_file_outside_of_the_folder_is_refused_even_if_it_is_sound(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    np.save(tmp_path / "weights.npy", ARRAYS["weights"])
    change(folder, arrays=["../weights"])
    with pytest.raises(ModuleError, match="outside the scoring package"):
        CompiledModel.load(folder)
