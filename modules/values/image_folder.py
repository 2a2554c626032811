"""Folders of images."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from modules.contract.data_table import DataTable
from modules.values.files import FolderValue

IMAGE = "image"
"""The column of a table with images as base64."""


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

    def example_rows(self, most: int) -> DataTable:
        """Return files spread evenly over the folder, as the rows of a request."""
        import pandas as pd

        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        step = max(1, -(-len(files) // most))
        texts = [base64.b64encode(path.read_bytes()).decode("ascii") for path in files[::step]]
        return DataTable(pd.DataFrame({IMAGE: pd.Series(texts, dtype="str")}))
