"""Making inference pipelines in another process: plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.inference.conversion import Inference, InferenceError, convert, update
from designer.pipeline.file import dumps, loads


@dataclass(frozen=True)
class _Output:
    type: str
    path: Path
    rows: int | None


@dataclass(frozen=True)
class _StepResult:
    status: str
    outputs: Mapping[str, _Output]


@dataclass(frozen=True)
class _Run:
    id: str
    nodes: Mapping[str, _StepResult]


def run_from_record(record: Mapping[str, Any]) -> _Run:
    """Return a run from its record; see ``Workspace.run_record``."""
    nodes = {}
    for name, plain in record["nodes"].items():
        outputs = {
            port: _Output(output["type"], Path(output["path"]), output.get("rows"))
            for port, output in plain.get("outputs", {}).items()
        }
        nodes[name] = _StepResult(plain["status"], outputs)
    return _Run(record["run"], nodes)


def make_inference(order: Mapping[str, Any]) -> dict[str, Any]:
    """Make or update an inference pipeline; for ``Engine.call``.

    Parameters
    ----------
    order : mapping
        ``pipeline``: the text of the pipeline as it ran; ``run``: the record of the run;
        ``base``, ``values``, ``target``: folders, see
        :func:`designer.inference.conversion.convert`; where wanted ``kind``, ``scores`` and
        ``source``; ``inference``: the text of the inference pipeline to update;
        ``modules``: the folder of the person's own modules.

    Returns
    -------
    dict
        ``pipeline`` (text) and ``said`` (sentences), or ``error`` (``message``, ``hint``).
    """
    from designer.catalog import load_catalog

    own = order.get("modules")
    catalog = load_catalog(Path(own) if own else None)
    folders = {name: Path(order[name]) for name in ("base", "values", "target")}
    try:
        pipeline, run = loads(order["pipeline"]), run_from_record(order["run"])
        made: Inference
        if order.get("inference"):
            made = update(loads(order["inference"]), pipeline, run, catalog, **folders)
        else:
            made = convert(
                pipeline,
                run,
                catalog,
                **folders,
                kind=order.get("kind", "real-time"),
                scores=order.get("scores", ()),
                source=order.get("source", ""),
            )
    except InferenceError as error:
        return {"error": {"message": error.message, "hint": error.hint}}
    except OSError as error:
        message = f"The model can't be kept: {error.strerror or error}."
        return {"error": {"message": message, "hint": ""}}
    return {"pipeline": dumps(made.pipeline), "said": list(made.said)}
