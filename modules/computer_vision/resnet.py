"""ResNet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.computer_vision._images import TASK
from modules.computer_vision._networks import ImageLearner, write_learner
from modules.contract import PathOf, Serving, Tasks, When, module
from modules.contract.code import CodeStep
from modules.values import UntrainedModel


def _code(step: CodeStep) -> None:
    write_learner(step, "ResNet", "zero_init_residual")


@module(
    "ResNet",
    outputs=("untrained_model",),
    keywords=("picture", "vision", "convolutional", "deep learning", "neural network", "pytorch"),
    requires=("torch", "torchvision", "safetensors"),
    when_serving=Serving.DROP,
    code=_code,
)
def resnet(
    *,
    model_name: Annotated[
        Literal[
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet101",
            "resnet152",
            "resnext50_32x4d",
            "resnext101_32x8d",
            "wide_resnet50_2",
            "wide_resnet101_2",
        ],
        Field(title="Model name"),
    ] = "resnext101_32x8d",
    pretrained: bool = True,
    weights: Annotated[
        str,
        Field(title="Pretrained weights"),
        PathOf("read", suffixes=(".pth", ".safetensors")),
        When(pretrained=True),
    ] = "",
    zero_init_residual: Annotated[bool, Field(title="Zero init residual")] = False,
) -> Annotated[UntrainedModel, Tasks(TASK)]:
    """Define a residual convolutional network that classifies images.

    Parameters
    ----------
    model_name : str
        The number is that of the layers. More layers learn finer differences, and take longer.
        ResNeXt splits the channels into groups, wide ResNet has more of them.
    pretrained : bool
        Start with weights trained on ImageNet, which need far fewer images and epochs.
    weights : str
        A file with these weights; empty for the one in PyTorch's cache
        (``~/.cache/torch/hub/checkpoints``). Without either, training starts with random
        weights, with a warning; nothing is downloaded.
    zero_init_residual : bool
        Start with residual blocks that change nothing, which can improve training from random
        weights.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train PyTorch Model.

    Notes
    -----
    The networks are those of torchvision (He, Zhang, Ren and Sun 2016; Xie and others 2017;
    Zagoruyko and Komodakis 2016). Reading a file of weights runs no code in it. In Azure ML
    designer, weights are downloaded.
    """
    return ImageLearner(
        title="ResNet",
        task=TASK,
        learner=__name__,
        parameters={
            "model_name": model_name,
            "pretrained": pretrained,
            "zero_init_residual": zero_init_residual,
        },
        architecture=model_name,
        options={"zero_init_residual": zero_init_residual},
        pretrained=pretrained,
        weights=weights,
    )
