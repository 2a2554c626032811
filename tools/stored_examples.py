"""Write what examples of modules read and nobody can type: stored values and an archive.

``python tools/stored_examples.py``: a table, a transformation and a model, stored as a run stores
them, beside the modules that load them, and a few pictures for Import Files.
"""

from __future__ import annotations

import base64
import csv
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer import paths
from designer.catalog import load_catalog
from designer.pipeline.own_modules import ENTER_DATA, IMPORT_FILES, SELECT_COLUMNS, TRAIN_MODEL
from modules.contract import ModuleSpec
from modules.values.storage import save

COLUMNS = ["age", "price", "city", "label"]
"""The columns of the example rows that are stored, and that the stored model was trained on."""

PICTURES = "computer_vision/examples/pictures.csv"
"""Pictures in Base64 with their labels, in the folder of modules."""


def main() -> None:
    """Write all of them."""
    catalog = load_catalog()
    for id, value in stored_values(catalog).items():
        folder = catalog[id].file.parent / "examples" / id
        shutil.rmtree(folder, ignore_errors=True)
        save(value, folder)
        print(folder)
    importer = catalog[IMPORT_FILES].file.parent
    archive = importer / "examples" / "pictures.zip"
    write_pictures(importer.parent / PICTURES, archive)
    print(archive)


def stored_values(catalog: Mapping[str, ModuleSpec]) -> dict[str, Any]:
    """Return what the example of each module that loads a value finds."""

    def output(id: str, *inputs: Any, **parameters: Any) -> tuple[Any, ...]:
        spec = catalog[id]
        return spec(*inputs, **spec.read_parameters(parameters))

    rows = (paths.resources() / "example_rows.csv").read_text("utf-8")
    table = output(SELECT_COLUMNS, *output(ENTER_DATA, data=rows), columns=COLUMNS)[0]
    learner = output("two_class_logistic_regression")[0]
    model = output(TRAIN_MODEL, learner, table, label_column=["label"])[0]
    normalization = output("normalize_data", table, columns=["age", "price"])[1]
    return {
        "saved_dataset": table,
        "saved_model": model,
        "saved_transformation": normalization,
    }


def write_pictures(source: Path, target: Path) -> None:
    """Write the pictures of a CSV file as an archive, the same bytes every time."""
    with source.open(encoding="utf-8", newline="") as stream, zipfile.ZipFile(target, "w") as file:
        for number, row in enumerate(csv.DictReader(stream)):
            name = f"{row['label']}/{number:02d}.png"
            entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            file.writestr(entry, base64.b64decode(row["image"]))


if __name__ == "__main__":
    main()
