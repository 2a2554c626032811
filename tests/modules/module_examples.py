"""Inputs and parameters that let every module of the palette run, made from its specification.

What a specification doesn't tell is in the module's own example; see :mod:`designer.examples`.
"""

from __future__ import annotations

import functools
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import ThreadpoolController

from designer.catalog import load_catalog
from designer.examples import stated
from modules.contract import DataTable, ModuleSpec, Role
from modules.contract.context import ModuleWarning
from modules.contract.specification import Columns, Parameter, PathOf, Port
from modules.values import (
    Evaluation,
    EvaluationReport,
    Files,
    ImageFolder,
    TrainedModel,
    Transformation,
    UntrainedModel,
)
from modules.values.storage import save

PALETTE: dict[str, ModuleSpec] = {
    id: spec
    for id, spec in load_catalog().items()
    if spec.function.__module__.startswith("modules.")
}
"""Every built-in module."""

CONTENT = "age,city,price\n31,Rome,1.5\n45,Oslo,\n28,,3.25\n"
"""A file that modules read."""

FEW = 5
"""Trees of a forest, where the default is more: each is made and stored as the first."""

_MAKERS: dict[type, str] = {
    UntrainedModel: "two_class_logistic_regression",
    TrainedModel: "train_model",
    Transformation: "clean_missing_data",
}
"""The modules whose outputs the inputs of a type get, unless an example names others."""


@functools.cache
def example_table(rows: int = 60) -> DataTable:
    """Return a table with every kind of column, missing values and a label.

    It is made once: nobody changes the frame of a table.
    """
    rng = np.random.default_rng(7)
    age = rng.integers(18, 80, rows)
    price = rng.normal(50, 10, rows).round(2)
    price[::7] = np.nan
    city = pd.Series(rng.choice(["Rome", "Oslo", "Lima"], rows), dtype="str")
    city[::9] = None
    member = pd.Series(rng.random(rows) < 0.5).astype("boolean")
    member[::11] = pd.NA
    frame = pd.DataFrame(
        {
            "age": age,
            "price": price,
            "city": city,
            "size": pd.Categorical(rng.choice(["small", "large"], rows)),
            "member": member,
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
            "active": rng.random(rows) < 0.5,
            "target": age * 0.5 + rng.normal(size=rows),
            "label": pd.Series(np.where(age + rng.normal(0, 9, rows) > 48, "yes", "no")),
        }
    )
    return DataTable(frame, {"label": Role.LABEL})


def value_for(spec: ModuleSpec, port: Port, folder: Path, table: DataTable) -> Any:
    """Return a value for an input port, made from the port's type."""
    kind = port.types[0]
    example = stated(spec)
    maker = example.get("inputs", {}).get(port.name, _MAKERS.get(kind))
    if port.optional and port.tasks and port.name not in example.get("inputs", {}):
        return None
    if maker is not None:
        return _made_by(maker, port.types)
    if issubclass(DataTable, kind):
        return table.select(example["columns"]) if "columns" in example else table
    if kind is Files:
        (folder / "bundle").mkdir(exist_ok=True)
        (folder / "bundle" / "helper_of_the_examples.py").write_text("VALUE = 1\n")
        example_images(folder / "bundle" / "pictures")
        return Files(folder / "bundle")
    if kind is ImageFolder:
        return example_images(folder / "images")
    if kind is Evaluation:
        return Evaluation((EvaluationReport("example", "regression", {"R2": 0.5}),))
    raise NotImplementedError(
        f"There is no example of a {kind.__name__} yet: name the module that makes it as "
        f"“inputs” in examples/{spec.id}.json beside it."
    )


def example_images(folder: Path) -> ImageFolder:
    """Return a folder with four images of each of two classes, of 40 by 32 pixels."""
    from PIL import Image

    rng = np.random.default_rng(7)
    for label, base in (("bright", 150), ("dark", 0)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(4):
            pixels = rng.integers(base, base + 100, (32, 40, 3), dtype="uint8")
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return ImageFolder(folder)


def inputs_for(spec: ModuleSpec, folder: Path, table: DataTable | None = None) -> list[Any]:
    """Return a value for every input port."""
    table = table or example_table()
    return [value_for(spec, port, folder, table) for port in spec.inputs]


def parameters_for(spec: ModuleSpec, folder: Path) -> dict[str, Any]:
    """Return plain JSON parameters with which the module runs on the example table."""
    found: dict[str, Any] = {}
    for parameter in spec.parameters:
        marker = parameter.marker
        if isinstance(marker, PathOf) and marker.folder and not marker.value:
            continue
        if isinstance(marker, PathOf) and marker.folder:
            save(value_for(spec, spec.outputs[0], folder, example_table()), folder / "kept")
            found[parameter.name] = str(folder / "kept")
        elif isinstance(marker, PathOf):
            file = folder / ("input.csv" if marker.mode == "read" else "output.csv")
            if marker.mode == "read":
                file.write_text(CONTENT)
            found[parameter.name] = str(file)
        elif _needs_column(parameter) and spec.applies(parameter, {}):
            assert isinstance(marker, Columns)
            found[parameter.name] = [_column(spec, marker)]
        elif parameter.name == "trees" and parameter.default > FEW:
            found[parameter.name] = FEW
    return found | stated(spec).get("parameters", {})


def run(spec: ModuleSpec, inputs: list[Any], parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Run a module as a step does: with parameters read from plain JSON, on one thread."""
    with one_thread():
        return spec(*inputs, **spec.read_parameters(parameters))


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit the numeric libraries that are loaded to one thread, as a step does."""
    with _threads().limit(limits=1), one_thread_of_torch():
        yield


@contextmanager
def one_thread_of_torch() -> Iterator[None]:
    """Limit PyTorch, if it is loaded.

    Once its number of threads was set, it ignores what limits the other libraries.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@functools.cache
def _threads() -> ThreadpoolController:
    """Return what limits threads; to look for the libraries takes longer than most modules."""
    import sklearn.cluster
    import sklearn.ensemble  # noqa: F401

    return ThreadpoolController()


def _needs_column(parameter: Parameter) -> bool:
    return parameter.kind == "columns" and (parameter.required or not parameter.default)


def _column(spec: ModuleSpec, marker: Columns) -> str:
    if marker.single:
        return "label"
    return "age" if not marker.kinds or "integer" in marker.kinds else "city"


@functools.cache
def _made_by(module: str, types: tuple[type, ...]) -> Any:
    """Return the first output of one of the types that a module has for its own example."""
    module, _, first = module.partition(" with ")
    spec = PALETTE[module]
    # What is made once is made under the filters of the first test alone.
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore", ModuleWarning)
        inputs = inputs_for(spec, Path(folder))
        if first:
            inputs[0] = _made_by(first, spec.inputs[0].types)
        outputs = run(spec, inputs, parameters_for(spec, Path(folder)))
    return next(value for value in outputs if isinstance(value, types))
