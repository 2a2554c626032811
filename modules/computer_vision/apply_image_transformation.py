"""Apply Image Transformation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import Field

from modules.computer_vision._images import new_folder, opened, some_pictures
from modules.computer_vision._transforms import ImageTransformation, built
from modules.contract import module
from modules.contract.code import CodeStep
from modules.contract.context import report_progress
from modules.learning.learner_parameters import Seed
from modules.learning.torch_runs import reproducible, seeded
from modules.values import ImageFolder


def _code(step: CodeStep) -> None:
    images = step.inputs["input_image_directory"]
    steps = step.inputs["input_image_transformation"]
    training = step.value("mode") == "For training"
    made = f"{step.helper(transformed)}({images}, {steps}, {step.helper(new_folder)}(), "
    step.write(f"with {step.helper(seeded)}({step.source('seed')}):")
    with step.indented():
        step.write(f"{step.outputs[0]} = {made}training={training})")


@module(
    "Apply Image Transformation",
    outputs=("output_image_directory",),
    keywords=("picture", "vision", "resize", "crop", "augmentation"),
    requires=("torch", "torchvision"),
    code=_code,
)
def apply_image_transformation(
    input_image_transformation: ImageTransformation,
    input_image_directory: ImageFolder,
    *,
    mode: Annotated[Literal["For training", "For inference"], Field(title="Mode")] = "For training",
    seed: Seed = 0,
) -> ImageFolder:
    """Apply the steps of Init Image Transformation to the images of a folder.

    Parameters
    ----------
    input_image_transformation : ImageTransformation
        From Init Image Transformation.
    input_image_directory : ImageFolder
        From Convert to Image Directory or Split Image Directory.
    mode : str
        ``For training``: all steps. ``For inference``: without the random ones, which would
        make scores random too.
    seed : int
        Determines the random steps.

    Returns
    -------
    output_image_directory : ImageFolder
        The transformed images, as PNG files in the same subfolders.

    Notes
    -----
    Images are converted to RGB first: 16 bits are scaled to 8, transparent parts become white,
    and the orientation of a photo is applied.

    Azure ML designer has no parameter for the seed.
    """
    value = ImageFolder.temporary()
    with reproducible(seed):
        transformed(
            input_image_directory.folder,
            input_image_transformation.steps,
            value.folder,
            training=mode == "For training",
        )
    return value


def transformed(
    images: Path, steps: Mapping[str, Mapping[str, Any]], folder: Path, *, training: bool
) -> Path:
    """Write the transformed images of a folder into another one.

    Parameters
    ----------
    steps, training
        As of :func:`modules.computer_vision._transforms.built`.
    """
    pictures = some_pictures(images, "input_image_directory")
    taken: set[PurePosixPath] = set()
    transform = built(steps, training=training)
    for number, picture in enumerate(pictures):
        report_progress(number / len(pictures), f"Image {number + 1:,} of {len(pictures):,}")
        name = PurePosixPath(picture.name).with_suffix(".png")
        if name in taken:
            # Another one differs in the extension only.
            name = PurePosixPath(f"{picture.name}.png")
        taken.add(name)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        transform(opened(picture, "input_image_directory")).save(target)
    return folder
