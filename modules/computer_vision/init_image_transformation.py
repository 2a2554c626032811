"""Init Image Transformation."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.computer_vision._transforms import ImageTransformation
from modules.contract import When, module
from modules.contract.code import CodeStep, literal

Pixels = Annotated[int, Field(ge=1, le=10_000)]
Degrees = Annotated[int, Field(ge=0, le=180)]


def _code(step: CodeStep) -> None:
    values = {name: step.value(name) for name in step.parameters}
    step.write(f"{step.outputs[0]} = {literal(init_image_transformation(**values).steps)}")


@module(
    "Init Image Transformation",
    outputs=("output_image_transformation",),
    keywords=("picture", "vision", "resize", "crop", "rotate", "flip", "augmentation"),
    requires=("torch", "torchvision"),
    code=_code,
)
def init_image_transformation(
    *,
    resize: bool = True,
    size: Annotated[Pixels, When(resize=True)] = 256,
    center_crop: bool = True,
    crop_size: Annotated[Pixels, When(center_crop=True)] = 224,
    pad: bool = False,
    padding: Annotated[int, Field(ge=0, le=10_000), When(pad=True)] = 0,
    color_jitter: bool = False,
    grayscale: bool = False,
    random_resized_crop: bool = False,
    random_resized_crop_size: Annotated[Pixels, When(random_resized_crop=True)] = 256,
    random_crop: bool = False,
    random_crop_size: Annotated[Pixels, When(random_crop=True)] = 224,
    random_horizontal_flip: bool = True,
    random_vertical_flip: bool = False,
    random_rotation: bool = False,
    random_rotation_degrees: Annotated[Degrees, When(random_rotation=True)] = 0,
    random_affine: bool = False,
    random_affine_degrees: Annotated[Degrees, When(random_affine=True)] = 0,
    random_grayscale: bool = False,
    random_perspective: bool = False,
) -> ImageTransformation:
    """Define how images are transformed, for Apply Image Transformation.

    Random steps vary the images of training, so that the model learns what doesn't matter.

    Parameters
    ----------
    resize : bool
        Scale images.
    size : int
        Pixels of the shorter side after scaling.
    center_crop : bool
        Cut out the center.
    crop_size : int
        Pixels of the sides of the center.
    pad : bool
        Add a black border.
    padding : int
        Pixels of the border.
    color_jitter : bool
        Change brightness, contrast, and saturation by up to a tenth, at random.
    grayscale : bool
        Remove colors.
    random_resized_crop : bool
        Cut out a random part, and scale it.
    random_resized_crop_size : int
        Pixels of the sides of the part after scaling.
    random_crop : bool
        Cut out a part at a random position.
    random_crop_size : int
        Pixels of the sides of the part.
    random_horizontal_flip : bool
        Mirror half of the images from left to right.
    random_vertical_flip : bool
        Mirror half of the images upside down.
    random_rotation : bool
        Rotate images by a random angle.
    random_rotation_degrees : int
        Largest angle, in both directions.
    random_affine : bool
        Rotate images by a random angle and shift them by up to a tenth of their size.
    random_affine_degrees : int
        Largest angle, in both directions.
    random_grayscale : bool
        Remove the colors of a tenth of the images.
    random_perspective : bool
        Distort the perspective of half of the images.

    Returns
    -------
    output_image_transformation : ImageTransformation
        For Apply Image Transformation.

    Notes
    -----
    The steps are those of ``torchvision.transforms``, applied in the order of the
    parameters. Unlike in Azure ML designer, this has a separate port type, so it can't be
    linked to Apply Transformation by mistake.
    """
    steps: dict[str, dict[str, Any]] = {
        "resize": {"size": size},
        "center_crop": {"size": crop_size},
        "pad": {"padding": padding},
        "color_jitter": {"brightness": 0.1, "contrast": 0.1, "saturation": 0.1},
        "grayscale": {"num_output_channels": 3},
        "random_resized_crop": {"size": random_resized_crop_size},
        "random_crop": {"size": random_crop_size, "pad_if_needed": True},
        "random_horizontal_flip": {},
        "random_vertical_flip": {},
        "random_rotation": {"degrees": random_rotation_degrees},
        "random_affine": {"degrees": random_affine_degrees, "translate": [0.1, 0.1]},
        "random_grayscale": {"p": 0.1},
        "random_perspective": {},
    }
    chosen = {
        "resize": resize,
        "center_crop": center_crop,
        "pad": pad,
        "color_jitter": color_jitter,
        "grayscale": grayscale,
        "random_resized_crop": random_resized_crop,
        "random_crop": random_crop,
        "random_horizontal_flip": random_horizontal_flip,
        "random_vertical_flip": random_vertical_flip,
        "random_rotation": random_rotation,
        "random_affine": random_affine,
        "random_grayscale": random_grayscale,
        "random_perspective": random_perspective,
    }
    return ImageTransformation({name: steps[name] for name, wanted in chosen.items() if wanted})
