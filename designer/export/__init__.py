"""Pipelines as Python code that gives the same results without the designer."""

from designer.export.cards import ExportError
from designer.export.script import Script, python_script

__all__ = ["ExportError", "Script", "python_script"]
