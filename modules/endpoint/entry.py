"""``init()`` and ``run()`` of an entry script, for servers that call them.

Azure ML's inference server can pass the whole request; so an invalid request gets the
same response as from the endpoint on this computer, not a 500.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.endpoint.bodies import parse
from modules.endpoint.http_error import HttpError
from modules.endpoint.package import MANIFEST, MODEL, verify
from modules.endpoint.service import Service, encode
from modules.scoring import PLAN

_service: Service | None = None


def init(package: Path, *, allowed: Collection[str] = ()) -> None:
    """Load the model once, when the server starts.

    Parameters
    ----------
    package : Path
        The folder of the entry script.
    allowed : collection of str
        Effects that it may have; see :data:`modules.scoring.ALLOWABLE`.

    Raises
    ------
    ModuleError
        If the model is missing or damaged, or has another effect.
    """
    global _service
    model = model_folder(package)
    if (package / MANIFEST).is_file():
        verify(package, only=f"{MODEL}/", model=model)
    _service = Service(model, allowed)
    _service.warm_up()


def run(request: Any) -> Any:
    """Respond to a request.

    Parameters
    ----------
    request : str, bytes, dict, list or a server's request
        The body, or an object with ``get_data()``.

    Returns
    -------
    dict or list, or the server's response
        An invalid request gets ``{"error": {"code", "message", "hint", "column"}}``.
    """
    if _service is None:
        raise RuntimeError("init() wasn't called.")
    get_data: Callable[[], bytes] | None = getattr(request, "get_data", None)
    if get_data is not None:
        return _respond(_service, request.method, get_data)
    try:
        if isinstance(request, str):
            request = request.encode("utf-8", "replace")
        document = parse(bytes(request)) if isinstance(request, (bytes, bytearray)) else request
        return _service.answer_document(document)
    except HttpError as error:
        return error.to_json()


def for_server(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Configure the server to pass whole requests, if it supports that."""
    if importlib.util.find_spec("azureml_inference_server_http") is None:
        return function
    server = importlib.import_module("azureml_inference_server_http.api.aml_request")
    wrapped: Callable[[Any], Any] = server.rawhttp(function)
    return wrapped


def model_folder(package: Path) -> Path:
    """Return the scoring folder: in the server's model folder, or in the package.

    Raises
    ------
    ModuleError
        If it doesn't exist.
    """
    given = os.environ.get("AZUREML_MODEL_DIR")
    folders = [package / MODEL]
    if given:
        root = Path(given)
        found = [root, root / MODEL, *sorted(root.glob("*/")), *sorted(root.glob("*/*/"))]
        folders = [*found, *sorted(root.glob("*/*/*/")), *folders]
    for folder in folders:
        if (folder / PLAN).is_file():
            return folder
    raise ModuleError(
        "not-a-package",
        f"The model is missing: {PLAN} is neither in the model folder nor beside the entry script.",
        "Deploy the whole scoring package.",
    )


def _respond(service: Service, method: str, get_data: Callable[[], bytes]) -> Any:
    server = importlib.import_module("azureml_inference_server_http.api.aml_response")
    headers = {"Content-Type": "application/json"}
    try:
        if method != "POST":
            raise HttpError(
                405,
                "wrong-method",
                f"{method} isn't supported for scoring.",
                "Send a POST request.",
            )
        return server.AMLResponse(service.answer(get_data()), 200, headers)
    except HttpError as error:
        return server.AMLResponse(encode(error.to_json()), error.status, headers)
