"""Making inference pipelines in another process: plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.catalog import load_catalog
from designer.engine.results import RunResult
from designer.inference.conversion import InferenceError, convert, update
from designer.pipeline.file import dumps, loads


def make_inference(order: Mapping[str, Any]) -> dict[str, Any]:
    """Make or update an inference pipeline; for ``Engine.call``.

    Parameters
    ----------
    order : mapping
        ``pipeline``: the text of the pipeline as it ran; ``run``: the record of the run;
        ``base``, ``values``, ``target``: folders, see
        :func:`designer.inference.conversion.convert`; where wanted ``kind``, ``scores`` and
        ``source``; ``inference``: the text of the inference pipeline to update;
        ``modules``: the folders of the user's own modules.

    Returns
    -------
    dict
        ``pipeline`` (text) and ``messages`` (sentences), or ``error`` (``message``, ``hint``).
    """
    catalog = load_catalog(*map(Path, order.get("modules", ())))
    folders = {name: Path(order[name]) for name in ("base", "values", "target")}
    try:
        pipeline, run = loads(order["pipeline"]), RunResult.from_json(order["run"])
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
        message = f"The model can't be saved: {error.strerror or error}."
        return {"error": {"message": message, "hint": ""}}
    return {"pipeline": dumps(made.pipeline), "messages": list(made.messages)}
