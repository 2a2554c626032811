"""Apply Image Transformation."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from modules.computer_vision._images import opened, some_pictures
from modules.computer_vision._transforms import ImageTransformation
from modules.contract import module
from modules.contract.context import report_progress
from modules.learning.learner_parameters import Seed
from modules.learning.torch_runs import reproducible
from modules.values import ImageFolder


@module(
    "Apply Image Transformation",
    outputs=("output_image_directory",),
    keywords=("picture", "vision", "resize", "crop", "augmentation"),
    requires=("torch", "torchvision"),
    code="folders of images are part of ModelDesk",
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
    pictures = some_pictures(input_image_directory, "input_image_directory")
    value = ImageFolder.temporary()
    taken: set[PurePosixPath] = set()
    with reproducible(seed):
        transform = input_image_transformation.build(training=mode == "For training")
        for number, picture in enumerate(pictures):
            report_progress(number / len(pictures), f"Image {number + 1:,} of {len(pictures):,}")
            name = PurePosixPath(picture.name).with_suffix(".png")
            if name in taken:
                # Another one differs in the extension only.
                name = PurePosixPath(f"{picture.name}.png")
            taken.add(name)
            target = value.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            transform(opened(picture, "input_image_directory")).save(target)
    return value
