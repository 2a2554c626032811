"""Untrained networks for images: their architecture and their pretrained weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from modules.computer_vision._images import TASK
from modules.contract import ModuleError, warn
from modules.contract.code import CodeStep, LearnerFacts, literal
from modules.values import UntrainedModel

_OLD_NAME = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)
"""In the published weights of DenseNet, whose layers are named differently now."""


@dataclass(frozen=True, eq=False)
class ImageLearner(UntrainedModel):
    """A network of torchvision, to be trained by Train PyTorch Model.

    Parameters
    ----------
    architecture : str
        Its name in torchvision.
    options : mapping
        Further arguments of its constructor.
    pretrained : bool
        Start with weights of ImageNet, if they are there.
    weights : str
        The file of the weights; empty for PyTorch's cache.
    """

    architecture: str = ""
    options: Mapping[str, Any] | None = None
    pretrained: bool = False
    weights: str = ""


def write_learner(step: CodeStep, title: str, option: str) -> None:
    """Write an untrained network: how its function of torchvision is called.

    Parameters
    ----------
    option : str
        The parameter that is an argument of it.
    """
    arguments = f"{step.source('model_name')}, {{{literal(option)}: {step.source(option)}}}"
    if step.value("pretrained"):
        arguments += f", weights={step.source('weights')}"
    step.write(f"{step.outputs[0]} = {step.helper(Architecture)}({arguments})")
    step.know("untrained_model", LearnerFacts(title, TASK))


@dataclass(frozen=True)
class Architecture:
    """A network of torchvision that isn't trained yet.

    Parameters
    ----------
    name : str
        Its name in torchvision.
    options : mapping
        Further arguments of its constructor.
    weights : str, optional
        The file with the weights of ImageNet to start with, or an empty text for PyTorch's cache;
        by default they are random.
    """

    name: str
    options: Mapping[str, Any]
    weights: str | None = None

    def build(self, classes: int) -> Any:
        """Return the network for a number of classes."""
        made = network(self.name, classes, self.options)
        path = None if self.weights is None else weights_file(self.name, self.weights)
        if path is not None:
            load_pretrained(made, path)
        elif self.weights is not None:
            _warn_of_random_weights(self.name)
        return made


def _warn_of_random_weights(name: str) -> None:
    warn(
        f"There are no pretrained weights of {name} in PyTorch's cache, so training starts with "
        "random weights. Choose a file with weights, or turn Pretrained off."
    )


def network(architecture: str, classes: int, options: Mapping[str, Any]) -> Any:
    """Return a network with random weights for a number of classes.

    Raises
    ------
    ModuleError
        If it isn't one of torchvision's for classification: others can download weights.
    """
    from torchvision import models

    if architecture not in models.list_models(module=models):
        raise ModuleError(
            "model-damaged",
            f"torchvision has no network “{architecture}” for image classification.",
            "Train the model again.",
        )
    return models.get_model(architecture, weights=None, num_classes=classes, **options)


def weights_file(architecture: str, chosen: str) -> Path | None:
    """Return the file with pretrained weights; None if there is none in PyTorch's cache.

    Raises
    ------
    ModuleError
        If a file was chosen that doesn't exist.
    """
    import torch
    from torchvision import models

    if chosen.strip():
        path = Path(chosen).expanduser()
        if not path.is_file():
            raise ModuleError(
                "file-not-found",
                f"The file “{chosen}” doesn't exist.",
                "Choose a file with pretrained weights, or leave the parameter empty.",
                port="untrained_model",
            )
        return path
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    known = [
        cache / PurePosixPath(each.url).name for each in models.get_model_weights(architecture)
    ]
    return next((path for path in known if path.is_file()), None)


def load_pretrained(target: Any, path: Path) -> None:
    """Load weights of a file into a network; its last layer, for other classes, stays random.

    Raises
    ------
    ModuleError
        If the file can't be read, or contains the weights of another network.
    """
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(path)
        else:
            # Only tensors: nothing in the file is executed.
            state = torch.load(path, map_location="cpu", weights_only=True)
        state = {_OLD_NAME.sub(r"\1\2", name): tensor for name, tensor in state.items()}
        own = target.state_dict()
        fitting = {
            name: tensor
            for name, tensor in state.items()
            if name in own and own[name].shape == tensor.shape
        }
    except Exception as error:  # A file of another kind raises any error of any parser.
        raise ModuleError(
            "weights-unreadable",
            f"The weights in “{path.name}” can't be read: {type(error).__name__}.",
            "Choose a .pth file with a dictionary of tensors, or a .safetensors file.",
            port="untrained_model",
        ) from error
    head = {name for name in own if name.startswith(("fc.", "classifier."))}
    lacking = set(own) - set(fitting) - head
    lacking = {name for name in lacking if not name.endswith("num_batches_tracked")}
    if lacking:
        raise ModuleError(
            "wrong-weights",
            f"“{path.name}” contains the weights of another network: “{min(lacking)}” is missing "
            "or has another size.",
            "Choose the weights of the same model.",
            port="untrained_model",
        )
    target.load_state_dict(fitting, strict=False)
