"""Score Image Model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from modules.computer_vision._image_model import ImageModel, ImageNetwork, probabilities_of
from modules.computer_vision._images import TASK, some_pictures
from modules.contract import DataTable, ModuleError, Role, Scoring, Tasks, module
from modules.contract.code import CodeStep, ModelFacts, ScoreFacts, TableFacts
from modules.contract.context import report_progress
from modules.learning.scoring_code import with_scores
from modules.learning.torch_runs import reproducible
from modules.values import ImageFolder, TrainedModel
from modules.values.score_columns import SCORED_LABELS, probability_names

if TYPE_CHECKING:
    import pandas as pd

IMAGE = "Image"
LABEL = "Label"


def _code(step: CodeStep) -> None:
    model: ModelFacts = step.facts("trained_model")
    if not isinstance(model, ModelFacts):
        step.refuse("what its model predicts isn't known before the run")
    given = f"{step.inputs['trained_model']}, {step.inputs['dataset']}"
    step.write(f"{step.outputs[0]} = {step.helper(scored_images)}({given})")
    scores = ScoreFacts("multiclass", SCORED_LABELS, LABEL, model.learner.title, model.classes)
    roles = {IMAGE: Role.NONE, LABEL: Role.LABEL}
    step.know("scored_dataset", with_scores(TableFacts(roles, scores)))


@module(
    "Score Image Model",
    outputs=("scored_dataset",),
    keywords=("picture", "vision", "predict", "classify", "inference", "pytorch"),
    requires=("pandas", "torch", "torchvision", "safetensors"),
    code=_code,
    row="images aren't rows",
)
def score_image_model(
    trained_model: Annotated[TrainedModel, Tasks(TASK)], dataset: ImageFolder
) -> DataTable:
    """Classify images with a trained network.

    Parameters
    ----------
    trained_model : TrainedModel
        From Train PyTorch Model.
    dataset : ImageFolder
        Images, in one subfolder for each class or without labels.

    Returns
    -------
    scored_dataset : DataTable
        A row for each image, by name: ``Image``; ``Label``, if it is in a subfolder;
        ``Scored Labels``; and ``Scored Probabilities_CLASS`` for each class.

    Notes
    -----
    Images are scaled to the size of the training images, and converted to RGB as in Apply Image
    Transformation. Evaluate Model compares the label with the scored one.

    The inference pipeline of a training pipeline lets an endpoint score images: a request contains
    them as base64.

    As in Azure ML designer, there are no parameters.
    """
    model = trained_model
    if not isinstance(model, ImageModel):
        raise ModuleError(
            "wrong-model",
            f"{model.title} isn't a network for images.",
            "Use Score Model.",
            port="trained_model",
        )
    return scored(model, dataset)


def scored(model: ImageModel, images: ImageFolder) -> DataTable:
    """Return the scores of the images of a folder, with their roles."""
    with reproducible(0):
        frame = scored_images(model.network, images.folder)
    names = probability_names(model.classes)
    roles = {IMAGE: Role.NONE, LABEL: Role.LABEL} | dict.fromkeys(
        [SCORED_LABELS, *names], Role.SCORE
    )
    label = LABEL if LABEL in frame else None
    scoring = Scoring("multiclass", SCORED_LABELS, label, model.classes, names, learner=model.title)
    return DataTable(frame, {name: roles[name] for name in frame.columns}, scoring)


def scored_images(model: ImageNetwork, images: Path) -> pd.DataFrame:
    """Return the scores of the images of a folder."""
    import numpy as np
    import pandas as pd

    pictures = some_pictures(images, "dataset")
    parts: list[Any] = []
    for part in probabilities_of(model, pictures, "dataset"):
        parts.append(part)
        done = sum(len(each) for each in parts)
        report_progress(done / len(pictures), f"Image {done:,} of {len(pictures):,}")
    probabilities = np.concatenate(parts)
    names = probability_names(model.classes)
    columns: dict[str, Any] = {IMAGE: [picture.name for picture in pictures]}
    if any(picture.label is not None for picture in pictures):
        columns[LABEL] = pd.Series([picture.label for picture in pictures], dtype="str")
    chosen = [model.classes[at] for at in probabilities.argmax(axis=1)]
    columns[SCORED_LABELS] = pd.Series(chosen, dtype="str")
    columns |= {name: probabilities[:, at] for at, name in enumerate(names)}
    return pd.DataFrame(columns)
