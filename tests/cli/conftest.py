from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline

Command = Callable[..., Result]


@pytest.fixture
def designer() -> Command:
    """Return a function that calls the command line in this process."""

    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert "Traceback" not in result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def small(tmp_path: Path) -> tuple[Pipeline, Path]:
    """Return a sound pipeline and its file."""
    (tmp_path / "prices.csv").write_text("price,make\n1,a\n2,b\n", "utf-8")
    pipeline, data = edits.add_node(Pipeline(), "dataset", parameters={"path": "prices.csv"})
    pipeline, split = edits.add_node(pipeline, "split_data", parameters={"fraction": 0.7})
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
    path = tmp_path / "small.pipeline.json"
    write(pipeline, path)
    return pipeline, path
