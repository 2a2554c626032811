"""Code without this project gives the outputs of every module of the palette."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from alone import alone, assert_equal, executed, printed

from diagonals import some  # isort: skip
from module_examples import (
    PALETTE,
    example_images,
    example_table,
    inputs_for,
    parameters_for,
    run,
    value_for,
)  # isort: skip

from designer.examples import stated
from designer.export import ExportError
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from modules.contract import DataTable, ModuleSpec, PathOf
from modules.values import (
    Evaluation,
    Files,
    ImageFolder,
    Report,
    TrainedModel,
    Transformation,
    UntrainedModel,
)
from modules.values.storage import save

pytestmark = pytest.mark.filterwarnings("ignore")


def fed(spec: ModuleSpec, inputs: list[Any], parameters: dict[str, Any], base: Path) -> Pipeline:
    """Return a pipeline of a module and cards that make its inputs."""
    nodes: dict[str, Node] = {"module": Node("module", spec.id, spec.version, parameters)}
    links: list[Link] = []

    def card(name: str, module: str, port: str, values: dict[str, Any] | None = None) -> Endpoint:
        nodes[name] = Node(name, module, PALETTE[module].version, values or {})
        return Endpoint(name, port)

    for port, value in zip(spec.inputs, inputs, strict=True):
        name, ready = f"{port.name}_source", {}
        if isinstance(value, ImageFolder):
            ready = {"path": os.path.relpath(value.folder, base)}
        if isinstance(value, (DataTable, Transformation)):
            save(value, base / "inputs" / port.name)
            ready = {"path": f"inputs/{port.name}"}
        if isinstance(value, DataTable):
            source = card(name, "saved_dataset", "dataset", ready)
        elif isinstance(value, Transformation):
            source = card(name, "saved_transformation", "transformation", ready)
        elif isinstance(value, ImageFolder):
            source = card(name, "convert_to_image_directory", "output_image_directory", ready)
        elif isinstance(value, UntrainedModel):
            maker = PALETTE[value.learner.rpartition(".")[2]]
            source = card(name, maker.id, "untrained_model", parameters_for(maker, base))
        elif " with " not in stated(spec).get("inputs", {}).get(port.name, " with "):
            maker = PALETTE[stated(spec)["inputs"][port.name]]
            source = card(name, maker.id, maker.outputs[0].name, parameters_for(maker, base))
            for its in maker.inputs:
                kind, path = stated(maker).get("inputs", {}).get(its.name, "saved_dataset"), {}
                if UntrainedModel in its.types:
                    learner = PALETTE[kind]
                    output = learner.outputs[0].name
                    made = card(its.name, kind, output, parameters_for(learner, base))
                    links.append(Link(made, Endpoint(name, its.name)))
                    continue
                if ImageFolder in its.types:
                    kind = "convert_to_image_directory"
                    images = value_for(maker, its, base, example_table())
                    path = {"path": os.path.relpath(images.folder, base)}
                elif kind == "saved_dataset":
                    given = value_for(maker, its, base, example_table())
                    if given is None:
                        continue
                    save(given, base / "inputs" / f"{name}_{its.name}")
                    path = {"path": f"inputs/{name}_{its.name}"}
                output = PALETTE[kind].outputs[0].name
                links.append(Link(card(its.name, kind, output, path), Endpoint(name, its.name)))
        elif isinstance(value, TrainedModel):
            rows = card("training_rows", "saved_dataset", "dataset", {"path": "inputs/rows"})
            save(example_table(), base / "inputs" / "rows")
            maker = PALETTE[value.learner.rpartition(".")[2]]
            settings = parameters_for(maker, base)
            learner = card("learner", maker.id, "untrained_model", settings)
            trainer, chosen = "train_model", {"label_column": [value.label]}
            if value.task == "anomaly":
                trainer, chosen = "train_anomaly_detection_model", {}
            if value.task == "clustering":
                trainer = "train_clustering_model"
                chosen = {"column_set": [column.name for column in value.features]}
            source = card(name, trainer, "trained_model", chosen)
            links += [
                Link(rows, Endpoint(name, "dataset")),
                Link(learner, Endpoint(name, "untrained_model")),
            ]
        else:
            assert value is None or isinstance(value, Files)
            continue
        links.append(Link(source, Endpoint("module", port.name)))
    return Pipeline(nodes=nodes, links=tuple(links))


def relative(spec: ModuleSpec, parameters: dict[str, Any], base: Path) -> dict[str, Any]:
    """Return parameters with paths from the folder of the pipeline."""
    return {
        name: os.path.relpath(value, base)
        if isinstance(spec.parameter_by_name[name].marker, PathOf)
        else value
        for name, value in parameters.items()
    }


# In make test, every second module is tried: one of them here, the next one in
# test_exported_modules.
@pytest.mark.parametrize(
    "spec",
    some({id: spec for id, spec in PALETTE.items() if id not in WEB_SERVICE}, 6, 3),
)
def test_the_code_gives_the_outputs_of_the_module(spec: ModuleSpec, tmp_path: Path) -> None:
    inputs = inputs_for(spec, tmp_path)
    inputs = [None if isinstance(value, Files) else value for value in inputs]
    parameters = parameters_for(spec, tmp_path)
    if spec.outputs and ImageFolder in spec.outputs[0].types and "path" in spec.parameter_by_name:
        parameters["path"] = str(example_images(tmp_path / "pictures").folder)
    pipeline = fed(spec, inputs, relative(spec, parameters, tmp_path), tmp_path)
    if isinstance(spec.code, str):
        with pytest.raises(ExportError, match=re.escape(spec.code)) as caught:
            alone(pipeline, tmp_path)
        assert "module" in [problem.node for problem in caught.value.problems]
        return
    script = alone(pipeline, tmp_path)
    written = tmp_path / "output.csv"
    found = executed(script, tmp_path)
    content = written.read_bytes() if written.exists() else b""
    wanted = run(spec, inputs, parameters)
    assert (written.read_bytes() if written.exists() else b"") == content
    names = {end.port: name for name, end in script.results.items() if end.node == "module"}
    assert names or content
    for port, value in zip(spec.outputs, wanted, strict=True):
        if not isinstance(value, Report) or len(spec.outputs) == 1:
            assert_equal(found[names[port.name]], value, example_table())
    shown = printed(script, found)
    for port, value in zip(spec.outputs, wanted, strict=True):
        if isinstance(value, DataTable) and value.metrics:
            assert f"{names[port.name]}\n" in shown
            assert all(name in shown for name in value.frame.columns)
        if isinstance(value, Evaluation):
            assert all(metric in shown for each in value.reports for metric in each.metrics)


def test_every_module_has_a_template_or_a_reason() -> None:
    assert not [spec.id for spec in PALETTE.values() if spec.code is None]
