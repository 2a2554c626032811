"""DenseNet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.computer_vision._images import TASK
from modules.computer_vision._networks import ImageLearner, write_learner
from modules.contract import PathOf, Serving, Tasks, When, module
from modules.contract.code import CodeStep
from modules.values import UntrainedModel


def _code(step: CodeStep) -> None:
    write_learner(step, "DenseNet", "memory_efficient")


@module(
    "DenseNet",
    outputs=("untrained_model",),
    keywords=("picture", "vision", "convolutional", "deep learning", "neural network", "pytorch"),
    requires=("torch", "torchvision", "safetensors"),
    when_serving=Serving.DROP,
    code=_code,
)
def densenet(
    *,
    model_name: Annotated[
        Literal["densenet121", "densenet161", "densenet169", "densenet201"],
        Field(title="Model name"),
    ] = "densenet201",
    pretrained: bool = True,
    weights: Annotated[
        str,
        Field(title="Pretrained weights"),
        PathOf("read", suffixes=(".pth", ".safetensors")),
        When(pretrained=True),
    ] = "",
    memory_efficient: bool = False,
) -> Annotated[UntrainedModel, Tasks(TASK)]:
    """Define a densely connected convolutional network that classifies images.

    Parameters
    ----------
    model_name : str
        The number is that of the layers. More layers learn finer differences, and take longer.
    pretrained : bool
        Start with weights trained on ImageNet, which need far fewer images and epochs.
    weights : str
        A file with these weights; empty for the one in PyTorch's cache
        (``~/.cache/torch/hub/checkpoints``). Without either, training starts with random
        weights, with a warning; nothing is downloaded.
    memory_efficient : bool
        Use less memory in training, and more time.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train PyTorch Model.

    Notes
    -----
    The networks are those of torchvision (Huang, Liu, van der Maaten and Weinberger 2017). Reading
    a file of weights runs no code in it. In Azure ML designer, weights are downloaded.
    """
    return ImageLearner(
        title="DenseNet",
        task=TASK,
        learner=__name__,
        parameters={
            "model_name": model_name,
            "pretrained": pretrained,
            "memory_efficient": memory_efficient,
        },
        architecture=model_name,
        options={"memory_efficient": memory_efficient},
        pretrained=pretrained,
        weights=weights,
    )
