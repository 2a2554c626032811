"""Folders of images."""

from __future__ import annotations

from dataclasses import dataclass

from modules.values.files import FolderValue


@dataclass(frozen=True, eq=False)
class ImageFolder(
    FolderValue,
    title="folder of images",
    description="A folder of images, one subfolder for each class.",
    colors=("#b8456a", "#f08fb0"),
    shape="triangle down",
    icon="folder",
    view="images",
):
    """A folder of images, one subfolder for each class, or none when unlabeled."""
