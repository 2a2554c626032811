"""Executing pipelines: plan, fingerprints, store, runner, executors, events."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from designer.engine.engine import Engine
    from designer.engine.results import NodeResult, Output, RunResult
    from designer.engine.run_handle import RunHandle
    from designer.engine.sampling import Sample

__all__ = ["Engine", "NodeResult", "Output", "RunHandle", "RunResult", "Sample"]

_MODULES = {
    "Engine": "engine",
    "NodeResult": "results",
    "Output": "results",
    "RunHandle": "run_handle",
    "RunResult": "results",
    "Sample": "sampling",
}


def __getattr__(name: str) -> Any:
    # Imported late: a worker is in this package and needs next to nothing of it.
    if name in _MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
