"""Executing pipelines: plan, fingerprints, store, runner, executors, events."""

from designer.engine.engine import Engine
from designer.engine.results import NodeResult, Output, RunResult
from designer.engine.run_handle import RunHandle
from designer.engine.sampling import Sample

__all__ = ["Engine", "NodeResult", "Output", "RunHandle", "RunResult", "Sample"]
