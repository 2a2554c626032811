"""Split Image Directory."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from modules.computer_vision._images import Picture, copied, some_pictures
from modules.contract import Serving, module
from modules.learning.learner_parameters import Seed
from modules.values import ImageFolder


@module(
    "Split Image Directory",
    outputs=("output_image_directory1", "output_image_directory2"),
    keywords=("picture", "vision", "training", "validation", "test", "partition"),
    when_serving=Serving.DROP,
    code="folders of images are part of ModelDesk",
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
    pictures = some_pictures(input_image_directory, "input_image_directory")
    first = set(_drawn(pictures, fraction, random.Random(seed)))
    return copied(first), copied(each for each in pictures if each not in first)


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
