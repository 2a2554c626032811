"""Pipelines as code that gives the same results without the designer."""

from designer.export.cards import ExportError
from designer.export.script import Script, python_script
from designer.export.target import Target
from designer.export.targets import TARGETS

__all__ = ["TARGETS", "ExportError", "Script", "Target", "python_script"]
