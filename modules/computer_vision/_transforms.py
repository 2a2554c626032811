"""A sequence of image transformations, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modules.contract import Value

RANDOM = (
    "random_resized_crop",
    "random_crop",
    "random_horizontal_flip",
    "random_vertical_flip",
    "random_rotation",
    "random_affine",
    "random_grayscale",
    "random_perspective",
    "color_jitter",
)
"""Steps that vary the images of training, and that are left out for inference."""


@dataclass(frozen=True, eq=False)
class ImageTransformation(
    Value,
    title="image transformation",
    description="Transformations of images, to be applied to a folder.",
    colors=("#8a4fb5", "#c79be8"),
    shape="bow",
    icon="module",
):
    """Steps of ``torchvision.transforms``, in their order.

    Parameters
    ----------
    steps : mapping of str to mapping
        The arguments of each step by its name.
    """

    steps: Mapping[str, Mapping[str, Any]]


def built(steps: Mapping[str, Mapping[str, Any]], *, training: bool) -> Any:
    """Return a function that transforms a Pillow image.

    Parameters
    ----------
    steps : mapping of str to mapping
        The arguments of each step by its name.
    training : bool
        Include the random steps.
    """
    from torchvision import transforms

    makers = {
        "resize": transforms.Resize,
        "center_crop": transforms.CenterCrop,
        "pad": transforms.Pad,
        "color_jitter": transforms.ColorJitter,
        "grayscale": transforms.Grayscale,
        "random_resized_crop": transforms.RandomResizedCrop,
        "random_crop": transforms.RandomCrop,
        "random_horizontal_flip": transforms.RandomHorizontalFlip,
        "random_vertical_flip": transforms.RandomVerticalFlip,
        "random_rotation": transforms.RandomRotation,
        "random_affine": transforms.RandomAffine,
        "random_grayscale": transforms.RandomGrayscale,
        "random_perspective": transforms.RandomPerspective,
    }
    return transforms.Compose(
        [
            makers[name](**arguments)
            for name, arguments in steps.items()
            if training or name not in RANDOM
        ]
    )
