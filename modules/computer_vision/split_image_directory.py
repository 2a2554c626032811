"""Split Image Directory."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from modules.computer_vision._images import Picture, copied, new_folder, some_pictures
from modules.contract import Serving, module
from modules.contract.code import CodeStep
from modules.learning.learner_parameters import Seed
from modules.values import ImageFolder


def _code(step: CodeStep) -> None:
    new, images = step.helper(new_folder), step.inputs["input_image_directory"]
    options = f"{step.source('fraction')}, {step.source('seed')}"
    divided = f"{step.helper(split_images)}({images}, {options}, {new}(), {new}())"
    step.write(f"{', '.join(step.outputs)} = {divided}")


@module(
    "Split Image Directory",
    outputs=("output_image_directory1", "output_image_directory2"),
    keywords=("picture", "vision", "training", "validation", "test", "partition"),
    when_serving=Serving.DROP,
    code=_code,
)
def split_image_directory(
    input_image_directory: ImageFolder,
    *,
    fraction: Annotated[
        float, Field(gt=0, lt=1, title="Fraction of images in the first output")
    ] = 0.9,
    seed: Seed = 0,
) -> tuple[ImageFolder, ImageFolder]:
    """Divide the images of a folder into two, each class in about the same proportion.

    Parameters
    ----------
    input_image_directory : ImageFolder
        From Convert to Image Directory.
    fraction : float
        Share of the images in the first output.
    seed : int
        Determines which images are in which output.

    Returns
    -------
    output_image_directory1 : ImageFolder
        For training.
    output_image_directory2 : ImageFolder
        For validation or scoring.

    Notes
    -----
    The first output has the number of images times the fraction, rounded down. They are spread over
    the classes by the largest remainder, and drawn at random within each.

    Azure ML designer has no parameter for the seed.
    """
    first, second = ImageFolder.temporary(), ImageFolder.temporary()
    split_images(input_image_directory.folder, fraction, seed, first.folder, second.folder)
    return first, second


def split_images(
    images: Path, fraction: float, seed: int, first: Path, second: Path
) -> tuple[Path, Path]:
    """Divide the images of a folder into two others, each class in about the same proportion."""
    pictures = some_pictures(images, "input_image_directory")
    chosen = set(_drawn(pictures, fraction, random.Random(seed)))
    others = (each for each in pictures if each not in chosen)
    return copied(chosen, first), copied(others, second)


def _drawn(pictures: Sequence[Picture], fraction: float, source: random.Random) -> list[Picture]:
    classes: dict[str | None, list[Picture]] = {}
    for picture in pictures:
        classes.setdefault(picture.label, []).append(picture)
    # A fraction such as 0.7 is a little less than written.
    total = math.floor(fraction * len(pictures) + 1e-9)
    exact = {label: total * len(group) / len(pictures) for label, group in classes.items()}
    counts = {label: math.floor(share) for label, share in exact.items()}
    rest = sorted(exact, key=lambda label: counts[label] - exact[label])
    for label in rest[: total - sum(counts.values())]:
        counts[label] += 1
    return [
        picture
        for label, group in classes.items()
        for picture in source.sample(group, counts[label])
    ]
