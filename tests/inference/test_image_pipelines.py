"""A pipeline of images becomes an inference pipeline, and an endpoint answers with classes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from designer.catalog import Catalog
from designer.engine import Engine
from designer.inference.conversion import convert
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.scoring import EVERYTHING, Scorer

pytest.importorskip("torch", reason="PyTorch isn't installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with pictures of zeros and ones, five times as large as the digits."""
    folder = tmp_path_factory.mktemp("pictures")
    digits = load_digits()
    for label in (0, 1):
        (folder / f"digit {label}").mkdir()
        for number, pixels in enumerate(digits.images[digits.target == label][:14]):
            large = np.kron(pixels * 15.9, np.ones((5, 5))).astype("uint8")
            Image.fromarray(large).save(folder / f"digit {label}" / f"{number:02d}.png")
    return folder


def training(folder: Path) -> Pipeline:
    modules: dict[str, dict[str, Any]] = {
        "convert_to_image_directory": {"path": str(folder)},
        "split_image_directory": {"fraction": 0.75},
        "init_image_transformation": {
            "size": 40, "crop_size": 36, "random_horizontal_flip": False, "random_rotation": True,
            "random_rotation_degrees": 5,
        },
        "apply_image_transformation": {},
        "resnet": {"pretrained": False, "model_name": "resnet18"},
        "train_pytorch_model": {"epochs": 4, "batch_size": 7},
        "score_image_model": {},
        "evaluate_model": {},
    }  # fmt: skip
    pipeline = Pipeline()
    for module, parameters in modules.items():
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    pipeline, _ = edits.add_node(
        pipeline, "apply_image_transformation", parameters={"mode": "For inference"}
    )
    images, steps = "output_image_directory", "input_image_transformation"
    folder_of, into = "apply_image_transformation", "input_image_directory"
    for link in (
        f"convert_to_image_directory.{images} split_image_directory.{into}",
        f"init_image_transformation.output_image_transformation {folder_of}.{steps}",
        f"init_image_transformation.output_image_transformation {folder_of}_2.{steps}",
        f"split_image_directory.{images}1 {folder_of}.{into}",
        f"split_image_directory.{images}2 {folder_of}_2.{into}",
        "resnet.untrained_model train_pytorch_model.untrained_model",
        f"{folder_of}.{images} train_pytorch_model.training_dataset",
        f"{folder_of}_2.{images} train_pytorch_model.validation_dataset",
        "train_pytorch_model.trained_model score_image_model.trained_model",
        f"{folder_of}_2.{images} score_image_model.dataset",
        "score_image_model.scored_dataset evaluate_model.scored_dataset",
    ):
        source, target = (Endpoint(*each.split(".")) for each in link.split())
        pipeline = edits.connect(pipeline, source, target)
    return pipeline


@pytest.fixture(scope="module")
def ran(folder: Path, engine: Engine) -> Any:
    pipeline = training(folder)
    result = engine.run(pipeline, base=folder)
    assert result.status == "completed", result.nodes
    return pipeline, result


def requests_of(folder: Path) -> list[dict[str, str]]:
    paths = sorted(folder.rglob("*.png"))[::5]
    return [{"image": base64.b64encode(path.read_bytes()).decode()} for path in paths]


@pytest.mark.long
def test_images_of_a_request_are_transformed_and_scored(
    ran: Any, folder: Path, catalog: Catalog, tmp_path: Path
) -> None:
    pipeline, result = ran
    made = convert(pipeline, result, catalog, base=tmp_path, values=tmp_path / "values")
    modules = sorted(node.module for node in made.pipeline.nodes.values())
    assert modules == [
        "apply_image_transformation", "convert_to_image_directory", "init_image_transformation",
        "saved_dataset", "saved_model", "score_image_model", "web_service_input",
        "web_service_output",
    ]  # fmt: skip
    assert not [text for text in made.messages if "can't" in text]
    assert any("base64" in text for text in made.messages)
    write_scoring_folder(made.pipeline, catalog, tmp_path / "scoring", base=tmp_path)
    rows = requests_of(folder)
    rows[0]["image"] = f"data:image/png;base64,{rows[0]['image']}"
    answer = Scorer(tmp_path / "scoring", allowed=EVERYTHING).score({"input1": rows})["output1"]
    shown = [path.parent.name for path in sorted(folder.rglob("*.png"))[::5]]
    assert [row["Scored Labels"] for row in answer] == shown
    assert {"Scored Probabilities_digit 0", "Scored Probabilities_digit 1"} <= set(answer[0])


@pytest.mark.long
def test_a_batch_pipeline_reads_a_folder(
    ran: Any, folder: Path, catalog: Catalog, engine: Engine, tmp_path: Path
) -> None:
    pipeline, result = ran
    options = {"base": tmp_path, "values": tmp_path / "values", "kind": "batch"}
    made = convert(pipeline, result, catalog, **options)
    (parameter,) = made.pipeline.parameters.values()
    assert parameter.default == str(folder)
    scored = engine.run(made.pipeline, base=tmp_path)
    assert scored.status == "completed", scored.nodes
    assert scored.nodes["score_image_model"].outputs["scored_dataset"].rows == 28
    assert json.dumps(made.messages)
