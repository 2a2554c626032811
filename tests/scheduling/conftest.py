from __future__ import annotations

from pathlib import Path

import pytest
from schedule_desk import Desk

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "workspace")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return the file of a pipeline that reads a table beside it."""
    (tmp_path / "prices.csv").write_text("price,make\n1,a\n2,b\n", "utf-8")
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "prices.csv"})
    path = tmp_path / "small.pipeline.json"
    write(pipeline, path)
    return path
