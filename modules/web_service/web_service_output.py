"""Web Service Output."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import DataTable, module


@module(
    "Web Service Output",
    keywords=("endpoint", "response", "answer", "real-time", "inference", "REST"),
    requires=("pandas",),
    code="a script has no web service; take it out, or export the training pipeline",
)
def web_service_output(
    dataset: DataTable, *, name: Annotated[str, Field(min_length=1)] = "output1"
) -> None:
    """Return a table as the response to a request.

    Parameters
    ----------
    dataset : DataTable
        The rows to send.
    name : str
        The name of the rows in the response, different for each output.

    Notes
    -----
    As in Azure ML designer, the name is the key of the rows in a response.
    """
