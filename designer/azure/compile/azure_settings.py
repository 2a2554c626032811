"""Settings of a pipeline, or of a node, for Azure ML alone: ``"azure": {...}`` in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.pipeline.model import Json

AZURE = "azure"
"""The entry of the file."""

AUTOML_SETTING = "automl_job"
"""Whether a card that searches is Azure's automated ML job there: true or false."""


def azure_settings(extra: Mapping[str, Json]) -> Mapping[str, Any]:
    """Return the Azure settings of a pipeline or node."""
    found = extra.get(AZURE)
    return found if isinstance(found, Mapping) else {}


def azure_setting(extra: Mapping[str, Json], name: str, default: Any) -> Any:
    """Return an Azure setting of a pipeline or node by name."""
    value = azure_settings(extra).get(name)
    return value if isinstance(value, type(default)) or default is None else default
