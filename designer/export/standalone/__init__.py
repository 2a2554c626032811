"""Pipelines as scripts that don't need this project: pandas, NumPy and scikit-learn alone."""

from designer.export.standalone.script import standalone_script

__all__ = ["standalone_script"]
