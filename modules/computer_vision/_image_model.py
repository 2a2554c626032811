"""A trained network for images, stored as safetensors with a plain description."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.computer_vision._images import Picture, opened
from modules.computer_vision._networks import network
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.values import TrainedModel

if TYPE_CHECKING:
    from PIL import Image

_WEIGHTS = "weights.safetensors"
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
"""Of the channels in ImageNet, to which pretrained weights refer."""

_PART = 32
"""Images that are scored at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageModel(TrainedModel):
    """A network with its weights.

    Parameters
    ----------
    architecture, options
        As in :class:`modules.computer_vision._networks.ImageLearner`.
    size : list of int
        Width and height of the images that it reads, in pixels; others are scaled.
    history : list of dict
        Losses and accuracy by epoch.
    weights : bytes
        The content of a safetensors file.
    """

    architecture: str
    options: Mapping[str, Any]
    size: list[int]
    history: list[dict[str, float]] = field(default_factory=list)
    weights: bytes = field(metadata=APART)

    def probabilities(self, pictures: Sequence[Picture], port: str) -> Iterator[Any]:
        """Yield an array of shape (images, classes) for one part of the images after the other."""
        return probabilities_of(self.network, pictures, port)

    @functools.cached_property
    def network(self) -> ImageNetwork:
        """The network with the weights."""
        from safetensors.torch import load

        found = network(self.architecture, len(self.classes), self.options)
        found.load_state_dict(load(self.weights))
        return ImageNetwork(found.eval(), list(map(str, self.classes)), self.size)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the progress of training."""
        facts = (
            ("Network", self.architecture),
            ("Image size", f"{self.size[0]} × {self.size[1]} pixels"),
            ("Classes", len(self.classes)),
        )
        names = tuple(self.history[0]) if self.history else ()
        rows = tuple(tuple(row.values()) for row in self.history)
        return {"Network": Sheet(("", "Value"), facts), "Epochs": Sheet(names, rows)}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the description as JSON, and the weights as safetensors."""
        (folder / _WEIGHTS).write_bytes(self.weights)
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        return cls(weights=(folder / _WEIGHTS).read_bytes(), **cls.read_fields(folder))


@dataclass
class ImageNetwork:
    """A trained network.

    Parameters
    ----------
    network : torch.nn.Module
    classes : list of str
    size : list of int
        Width and height of the images that it reads, in pixels.
    history : list of dict
        Losses and accuracy by epoch.
    """

    network: Any
    classes: list[str]
    size: list[int]
    history: list[dict[str, float]] = field(default_factory=list)


def probabilities_of(model: ImageNetwork, pictures: Sequence[Picture], port: str) -> Iterator[Any]:
    """Yield an array of shape (images, classes) for one part of the images after the other."""
    import torch

    for start in range(0, len(pictures), _PART):
        images = [opened(each, port) for each in pictures[start : start + _PART]]
        with torch.no_grad():
            found = model.network(batch(images, model.size)).softmax(dim=1)
        yield found.double().numpy()


def batch(images: Sequence[Image.Image], size: Sequence[int]) -> Any:
    """Return images as a tensor of shape (images, 3, height, width), scaled to ImageNet's range."""
    import numpy as np
    import torch
    from PIL.Image import Resampling

    wanted = (size[0], size[1])
    fitting = [
        image if image.size == wanted else image.resize(wanted, Resampling.BILINEAR)
        for image in images
    ]
    pixels = np.stack([np.asarray(image, dtype="float32") for image in fitting]) / np.float32(255)
    scaled = (pixels - np.array(_MEAN, "float32")) / np.array(_DEVIATION, "float32")
    return torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy())
