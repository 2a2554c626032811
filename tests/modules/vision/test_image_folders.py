"""Folders of images: converting, splitting, and transforming them."""

from __future__ import annotations

import base64
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from designer.catalog import load_catalog
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.validation import validate
from modules.computer_vision.apply_image_transformation import apply_image_transformation
from modules.computer_vision.convert_to_image_directory import convert_to_image_directory
from modules.computer_vision.init_image_transformation import init_image_transformation
from modules.computer_vision.split_image_directory import split_image_directory
from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.values import Files, ImageFolder


def picture(width: int = 8, height: int = 6, mode: str = "RGB", value: int = 7) -> Image.Image:
    bands = {"RGB": 3, "RGBA": 4, "L": 0}[mode]
    shape = (height, width, bands) if bands else (height, width)
    pixels = np.random.default_rng(value).integers(0, 255, shape, dtype="uint8")
    return Image.fromarray(pixels)


def names(images: ImageFolder) -> list[str]:
    root = images.folder
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    root = tmp_path / "animals"
    for label, count in (("cat", 6), ("dog", 3)):
        (root / label).mkdir(parents=True)
        for number in range(count):
            picture(value=number).save(root / label / f"{number}.png")
    return root


@pytest.mark.proves("convert_to_image_directory", by="by hand")
def test_a_folder_and_archives_give_the_same(animals: Path, tmp_path: Path) -> None:
    expected = sorted(p.relative_to(animals).as_posix() for p in animals.rglob("*.png"))
    assert names(convert_to_image_directory(Files(animals))) == expected
    assert names(convert_to_image_directory(path=str(animals))) == expected
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in animals.rglob("*.png"):
            archive.write(path, f"outer/{path.relative_to(animals)}")
        archive.writestr("__MACOSX/x.png", b"")
    for kind in ("gz", "bz2"):
        with tarfile.open(tmp_path / f"a.tar.{kind}", f"w:{kind}") as tar:  # type: ignore[call-overload]
            tar.add(animals, "outer")
    for name in ("a.zip", "a.tar.gz", "a.tar.bz2"):
        assert names(convert_to_image_directory(path=str(tmp_path / name))) == expected
    (tmp_path / "packed").mkdir()
    (tmp_path / "a.zip").rename(tmp_path / "packed" / "a.zip")
    assert names(convert_to_image_directory(Files(tmp_path / "packed"))) == expected


def test_broken_and_other_files_are_left_out(animals: Path) -> None:
    content = (animals / "cat" / "0.png").read_bytes()
    (animals / "cat" / "0.png").write_bytes(content[: len(content) // 2])
    (animals / "dog" / "1.jpg").write_bytes(b"no image")
    (animals / "dog" / "notes.txt").write_text("text")
    with pytest.warns(ModuleWarning, match="2 images can't be read .*“cat/0.png”, “dog/1.jpg”"):
        images = convert_to_image_directory(Files(animals))
    assert len(names(images)) == 8


def test_nothing_to_convert_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no archive")
    (tmp_path / "empty").mkdir()
    for path, code in (
        ("", "input-missing"),
        (str(tmp_path / "none"), "folder-not-found"),
        (str(tmp_path / "x.zip"), "bad-archive"),
        (str(tmp_path / "empty"), "no-images"),
    ):
        with pytest.raises(ModuleError) as caught:
            convert_to_image_directory(path=path)
        assert caught.value.code == code
        assert caught.value.hint


def test_an_archive_can_not_write_elsewhere(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        info = tarfile.TarInfo("../outside.png")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(ModuleError) as caught:
        convert_to_image_directory(path=str(tmp_path / "bad.tar"))
    assert caught.value.code == "bad-archive"
    assert not (tmp_path / "outside.png").exists()


def test_a_table_may_have_labels() -> None:
    content = io.BytesIO()
    picture().save(content, "PNG")
    text = base64.b64encode(content.getvalue()).decode()
    labels = ["cat", "a/b", "..", None]
    table = DataTable(pd.DataFrame({"image": [text] * 4, "label": labels}))
    assert names(convert_to_image_directory(table)) == [
        "4.png",
        "_/3.png",
        "a_b/2.png",
        "cat/1.png",
    ]


def test_images_of_a_table_keep_the_order_of_the_rows() -> None:
    texts = []
    for number in range(12):
        content = io.BytesIO()
        picture(value=number).save(content, "PNG")
        texts.append(base64.b64encode(content.getvalue()).decode())
    texts[3] = f"data:image/png;base64,{texts[3]}"
    images = convert_to_image_directory(DataTable(pd.DataFrame({"image": texts})))
    assert names(images) == [f"{number:02d}.png" for number in range(1, 13)]
    for number, name in enumerate(names(images)):
        np.testing.assert_array_equal(
            np.asarray(Image.open(images.folder / name)), np.asarray(picture(value=number))
        )
    for bad in ("not base64!", base64.b64encode(b"no image").decode()):
        with pytest.raises(ModuleError, match="in row 2 can't be read"):
            convert_to_image_directory(DataTable(pd.DataFrame({"image": [texts[0], bad]})))


@pytest.mark.parametrize(("fraction", "cats", "dogs"), [(0.7, 4, 2), (0.5, 3, 1), (0.9, 5, 3)])
@pytest.mark.proves("split_image_directory", by="by hand")
def test_each_class_is_split(animals: Path, fraction: float, cats: int, dogs: int) -> None:
    first, second = split_image_directory(ImageFolder(animals), fraction=fraction)
    found = names(first)
    assert len(found) == int(fraction * 9)
    assert [sum(name.startswith(label) for name in found) for label in ("cat", "dog")] == [
        cats,
        dogs,
    ]
    assert sorted([*found, *names(second)]) == names(ImageFolder(animals))
    again, _ = split_image_directory(ImageFolder(animals), fraction=fraction)
    assert names(again) == found


@pytest.mark.proves("init_image_transformation", "apply_image_transformation", by="torchvision")
def test_steps_are_those_of_torchvision(tmp_path: Path) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    (tmp_path / "in").mkdir()
    original = picture(60, 40)
    original.save(tmp_path / "in" / "a.jpg", quality=95)
    known = Image.open(tmp_path / "in" / "a.jpg").convert("RGB")
    given = init_image_transformation(
        size=30, crop_size=20, pad=True, padding=2, grayscale=True, random_vertical_flip=True
    )
    images = apply_image_transformation(given, ImageFolder(tmp_path / "in"), mode="For inference")
    steps = [
        transforms.Resize(30),
        transforms.CenterCrop(20),
        transforms.Pad(2),
        transforms.Grayscale(3),
    ]
    expected = transforms.Compose(steps)(known)
    assert names(images) == ["a.png"]
    found = Image.open(images.folder / "a.png")
    assert found.size == (24, 24)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


def test_random_steps_repeat_and_stay_out_of_inference(tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    (tmp_path / "in").mkdir()
    for number in range(6):
        picture(32, 32, value=number).save(tmp_path / "in" / f"{number}.png")
    given = init_image_transformation(
        resize=False,
        center_crop=False,
        color_jitter=True,
        random_resized_crop=True,
        random_resized_crop_size=24,
        random_crop=True,
        random_crop_size=20,
        random_rotation=True,
        random_rotation_degrees=30,
        random_affine=True,
        random_affine_degrees=10,
        random_grayscale=True,
        random_perspective=True,
    )

    def content(mode: str, seed: int) -> list[bytes]:
        images = apply_image_transformation(
            given,
            ImageFolder(tmp_path / "in"),
            mode=mode,  # type: ignore[arg-type]
            seed=seed,
        )
        return [np.asarray(Image.open(images.folder / name)).tobytes() for name in names(images)]

    assert content("For training", 1) == content("For training", 1)
    assert content("For training", 1) != content("For training", 2)
    plain = [np.asarray(picture(32, 32, value=number)).tobytes() for number in range(6)]
    assert content("For inference", 1) == plain


def test_any_kind_of_image_becomes_rgb(tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    folder = tmp_path / "in"
    folder.mkdir()
    deep = np.array([[0, 65_535], [32_896, 257]], dtype="uint16")
    Image.fromarray(deep).save(folder / "deep.png")
    clear = Image.new("RGBA", (2, 2), (200, 10, 10, 0))
    clear.putpixel((0, 0), (200, 10, 10, 255))
    clear.save(folder / "clear.png")
    Image.new("L", (2, 2), 90).save(folder / "gray.png")
    turned = Image.new("RGB", (2, 4))
    turned.save(folder / "turned.jpg", exif=_turned_by_90_degrees())
    given = init_image_transformation(resize=False, center_crop=False)
    images = apply_image_transformation(given, ImageFolder(folder), mode="For inference")
    found = {path.stem: Image.open(path) for path in images.folder.iterdir()}
    assert {image.mode for image in found.values()} == {"RGB"}
    assert [found["deep"].getpixel(xy) for xy in ((0, 0), (1, 0), (0, 1), (1, 1))] == [
        (level,) * 3 for level in (0, 255, 128, 1)
    ]
    assert found["clear"].getpixel((0, 0)) == (200, 10, 10)
    assert found["clear"].getpixel((1, 1)) == (255, 255, 255)
    assert found["gray"].getpixel((0, 0)) == (90, 90, 90)
    assert found["turned"].size == (4, 2)


def _turned_by_90_degrees() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.png").write_bytes(b"no image")
    with pytest.raises(ModuleError, match=r"“bad\.png” can't be read"):
        apply_image_transformation(init_image_transformation(), ImageFolder(tmp_path / "in"))


def test_an_archive_can_be_chosen_instead_of_a_folder(tmp_path: Path) -> None:
    for name in ("pictures.zip", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    for name, count in (("pictures.zip", 0), ("notes.txt", 1), ("missing.zip", 1)):
        node = Node("a", "convert_to_image_directory", 1, {"path": name})
        problems = validate(Pipeline(nodes={"a": node}), load_catalog(), base=tmp_path)
        assert [problem.parameter for problem in problems] == ["path"] * count, name
