"""Train PyTorch Model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from modules.computer_vision._image_model import ImageModel, ImageNetwork
from modules.computer_vision._images import TASK, Picture, some_pictures
from modules.computer_vision._networks import Architecture, ImageLearner
from modules.computer_vision._training import Course, Trainer, sizes
from modules.contract import ModuleError, Serving, Tasks, module, warn
from modules.contract.code import CodeStep, ModelFacts
from modules.learning.torch_runs import reproducible, seeded
from modules.values import ImageFolder, TrainedModel, UntrainedModel

_SMALLEST = 32
"""Pixels that the networks need at least."""

_USUAL = 224
"""Pixels of the sides of images whose sizes differ."""


def _code(step: CodeStep) -> None:
    learner, model = step.inputs["untrained_model"], step.outputs[0]
    course = step.variable("course")
    names = {
        "epochs": "epochs",
        "batch_size": "batch_size",
        "warmup": "warmup_step_number",
        "rate": "learning_rate",
        "patience": "patience",
        "every": "print_frequency",
    }
    options = ", ".join(f"{short}={step.source(name)}" for short, name in names.items())
    folders = f"{step.inputs['training_dataset']}, {step.inputs['validation_dataset']}"
    step.write(
        f"{course} = {step.helper(Course)}({options})",
        f"with {step.helper(seeded)}({step.source('random_seed')}):",
    )
    with step.indented():
        trained = f"{step.helper(trained_network)}({learner}, {folders}, {course})"
        step.write(f"{model} = {trained}")
    facts = step.facts("untrained_model")
    step.know("trained_model", ModelFacts(facts, "Label", f"{model}.classes"))


@module(
    "Train PyTorch Model",
    outputs=("trained_model",),
    keywords=("picture", "vision", "deep learning", "fine-tune", "transfer learning", "fit"),
    requires=("torch", "torchvision", "safetensors"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def train_pytorch_model(
    untrained_model: Annotated[UntrainedModel, Tasks(TASK)],
    training_dataset: ImageFolder,
    validation_dataset: ImageFolder,
    *,
    epochs: Annotated[int, Field(ge=1)] = 5,
    batch_size: Annotated[int, Field(ge=1, title="Batch size")] = 16,
    warmup_step_number: Annotated[int, Field(ge=0, title="Warmup step number")] = 0,
    learning_rate: Annotated[float, Field(gt=0, le=2, title="Learning rate")] = 0.001,
    random_seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random seed")] = 1,
    patience: Annotated[int, Field(ge=1)] = 3,
    print_frequency: Annotated[int, Field(ge=1, title="Print frequency")] = 10,
) -> Annotated[TrainedModel, Tasks(TASK)]:
    """Train a network on labeled images.

    Parameters
    ----------
    untrained_model : UntrainedModel
        From DenseNet or ResNet.
    training_dataset : ImageFolder
        Images in one subfolder for each class.
    validation_dataset : ImageFolder
        Others, with the same classes, that decide when training stops.
    epochs : int
        Passes over the training images.
    batch_size : int
        Images per step. If memory runs out, set a smaller one.
    warmup_step_number : int
        Steps in which the learning rate increases to its value.
    learning_rate : float
        Step size of the updates. It decreases to 0 until the last epoch.
    random_seed : int
        Determines the initial weights and the order of the images.
    patience : int
        Training stops if the validation loss hasn't decreased for so many epochs.
    print_frequency : int
        Steps between two lines with loss and speed in the log.

    Returns
    -------
    trained_model : TrainedModel
        For Score Image Model. It has the weights of the epoch with the lowest validation loss.

    Notes
    -----
    The cross-entropy is minimized with Adam (Kingma and Ba 2015), with the learning rate times
    ``(1 - step / steps) ** 0.9``. All weights are trained, pretrained ones too.

    Images that have one size are used in that size, of at least 32 pixels. If their sizes
    differ, they are scaled to 224 by 224 pixels, with a warning; use Apply Image Transformation to
    decide it yourself. The model scales images that it scores to the size in training.

    The same images, seed, and threads give the same model. It is stored as safetensors, which
    can't contain code. Azure ML designer trains on several computers, too.
    """
    from safetensors.torch import save

    learner = untrained_model
    if not isinstance(learner, ImageLearner):
        raise ModuleError(
            "wrong-learner",
            f"{learner.title} isn't a network for images.",
            "Use DenseNet or ResNet.",
            port="untrained_model",
        )
    architecture = Architecture(
        learner.architecture,
        dict(learner.options or {}),
        learner.weights if learner.pretrained else None,
    )
    course = Course(
        epochs, batch_size, warmup_step_number, learning_rate, patience, print_frequency
    )
    with reproducible(random_seed):
        found = trained_network(
            architecture, training_dataset.folder, validation_dataset.folder, course
        )
    state = found.network.state_dict()
    return ImageModel(
        title=learner.title,
        task=TASK,
        label="Label",
        classes=tuple(found.classes),
        learner=learner.learner,
        parameters=dict(learner.parameters),
        versions=_versions(),
        architecture=learner.architecture,
        options=architecture.options,
        size=found.size,
        history=found.history,
        weights=save({name: each.contiguous() for name, each in state.items()}),
    )


def trained_network(
    architecture: Architecture, training_folder: Path, validation_folder: Path, course: Course
) -> ImageNetwork:
    """Return the network trained on the images of a folder, with a subfolder for each class."""
    training = _labeled(training_folder, "training_dataset")
    classes = sorted({str(picture.label) for picture in training})
    if len(classes) < 2:
        raise ModuleError(
            "one-class",
            f"The training images have only one class, “{classes[0]}”.",
            "Add a subfolder with images of another class.",
            port="training_dataset",
        )
    validation = _known(_labeled(validation_folder, "validation_dataset"), classes)
    size = _size_of(training)
    made = architecture.build(len(classes))
    trainer = Trainer(made, size, classes, course)
    trainer.train(training, validation)
    return ImageNetwork(made.eval(), classes, size, trainer.history)


def _labeled(images: Path, port: str) -> list[Picture]:
    pictures = some_pictures(images, port)
    bare = [picture for picture in pictures if picture.label is None]
    if bare:
        raise ModuleError(
            "not-labeled",
            f"The image “{bare[0].name}” isn't in a subfolder, so its class isn't known.",
            "Put the images of each class into a subfolder with the name of the class.",
            port=port,
        )
    return pictures


def _known(pictures: Sequence[Picture], classes: Sequence[str]) -> list[Picture]:
    """Return the validation images whose class is known from training."""
    kept = [picture for picture in pictures if picture.label in classes]
    others = sorted({str(picture.label) for picture in pictures} - set(classes))
    if not kept:
        raise ModuleError(
            "no-known-class",
            "No validation image has a class of the training images.",
            "Name the subfolders of both folders alike.",
            port="validation_dataset",
        )
    if others:
        warn(
            f"{len(pictures) - len(kept)} validation images have classes that the training images "
            f"don't have, for example “{others[0]}”, and were skipped."
        )
    return kept


def _size_of(pictures: Sequence[Picture]) -> list[int]:
    """Return width and height of the images that the network reads."""
    found = set(sizes(pictures))
    if len(found) > 1:
        warn(
            f"The training images have {len(found)} different sizes and were scaled to "
            f"{_USUAL} × {_USUAL} pixels. To decide it, use Apply Image Transformation."
        )
        return [_USUAL, _USUAL]
    width, height = found.pop()
    factor = max(_SMALLEST / min(width, height), 1)
    return [round(width * factor), round(height * factor)]


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("torch", "torchvision")}
