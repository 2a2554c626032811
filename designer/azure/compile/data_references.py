"""Data that is already in Azure ML: how it is written, and what input of a step it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from designer.azure.compile.step_ports import Asset, DatastoreFolder, Input
from designer.azure.errors import AzureError

AT_AZURE = "azureml:"
"""Paths with this prefix are in Azure ML."""

WAYS_TO_SAY = (
    "Write azureml:NAME:VERSION for a registered file, azureml:NAME:VERSION/FILE for one in "
    "a registered folder, or azureml://datastores/NAME/paths/FOLDER/FILE; a folder ends "
    "with /."
)

_ON_DATASTORE = re.compile(
    r"azureml://datastores/(?P<datastore>[A-Za-z0-9_]+)/paths/"
    r"(?:(?P<folder>[^?*]+)/)?(?P<file>[^/?*]*)"
)
_REGISTERED = re.compile(
    r"azureml:(?P<name>[A-Za-z0-9][\w.-]{0,254})(?::(?P<version>[\w.-]+)|@latest)?"
    r"(?P<slash>/(?P<file>[^?*]*))?"
)


def data_at_azure(input_name: str, text: object) -> tuple[Input, str]:
    """Return the input that reads data in Azure ML, and the path inside it.

    Raises
    ------
    ValueError
        With one sentence, if the text names no such data.
    """
    found = _ON_DATASTORE.fullmatch(text) if isinstance(text, str) else None
    if found is not None:
        location = DatastoreFolder(found["datastore"], found["folder"] or "")
        return Input(input_name, location=location), found["file"]
    found = _REGISTERED.fullmatch(text) if isinstance(text, str) else None
    if found is None or ".." in (found["file"] or "").split("/"):
        raise ValueError(f"{text!r} isn't data in Azure ML.")
    asset = Asset(found["name"], found["version"] or "", is_file=found["slash"] is None)
    return Input(input_name, asset=asset), found["file"] or ""


def registered_datasets(texts: Iterable[str]) -> dict[str, str]:
    """Return datasets by their name here from ``NAME=azureml:NAME:VERSION`` texts.

    Raises
    ------
    AzureError
        If one isn't of this form.
    """
    found = {}
    for text in texts:
        name, equals, there = (part.strip() for part in text.partition("="))
        try:
            data_at_azure("data", there)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise AzureError(
                f"“{text}” doesn't map a dataset to a dataset registered in Azure ML.",
                "Write NAME=azureml:NAME:VERSION.",
            )
        found[name] = there
    return found


def no_data(workspace: str, name: str, version: str, hint: str = "") -> AzureError:
    """Return the error of registered data that a workspace doesn't have."""
    which = f"no version {version} of the data “{name}”" if version else f"no data “{name}”"
    return AzureError(
        f"The workspace “{workspace}” has {which}.", hint or "Check Data in Azure ML studio."
    )
