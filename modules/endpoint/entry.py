"""``init()`` and ``run()`` of an entry script, for servers that call these.

Azure ML's inference server gives the whole request where that is wished for; so a wrong
request gets the answer that the endpoint on this computer would give, not a 500.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.endpoint.http_error import HttpError
from modules.endpoint.package import MANIFEST, MODEL, verify
from modules.endpoint.service import Service, encode, parse
from modules.scoring import PLAN

_service: Service | None = None


def init(package: Path) -> None:
    """Load the model once, when the server starts.

    Parameters
    ----------
    package : Path
        The folder of the entry script.

    Raises
    ------
    ModuleError
        If the model is missing or damaged.
    """
    global _service
    model = model_folder(package)
    if (package / MANIFEST).is_file():
        verify(package, only=f"{MODEL}/", model=model)
    _service = Service(model)
    _service.warm_up()


def run(request: Any) -> Any:
    """Answer a request.

    Parameters
    ----------
    request : str, bytes, dict, list or a server's request
        The body, or what has it as ``get_data()``.

    Returns
    -------
    dict or list, or the server's response
        A wrong request gets ``{"error": {"code", "message", "hint", "column"}}``.
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
    """Ask the server for whole requests, where it is one that can give them."""
    if importlib.util.find_spec("azureml_inference_server_http") is None:
        return function
    server = importlib.import_module("azureml_inference_server_http.api.aml_request")
    wrapped: Callable[[Any], Any] = server.rawhttp(function)
    return wrapped


def model_folder(package: Path) -> Path:
    """Return the scoring folder: where the server put the model, or in the package.

    Raises
    ------
    ModuleError
        If there is none.
    """
    given = os.environ.get("AZUREML_MODEL_DIR")
    places = [package / MODEL]
    if given:
        root = Path(given)
        found = [root, root / MODEL, *sorted(root.glob("*/")), *sorted(root.glob("*/*/"))]
        places = [*found, *sorted(root.glob("*/*/*/")), *places]
    for place in places:
        if (place / PLAN).is_file():
            return place
    raise ModuleError(
        "not-a-package",
        f"There is no model: no {PLAN} in the folder of models or beside the entry script.",
        "Deploy the whole scoring package.",
    )


def _respond(service: Service, method: str, get_data: Callable[[], bytes]) -> Any:
    server = importlib.import_module("azureml_inference_server_http.api.aml_response")
    headers = {"Content-Type": "application/json"}
    try:
        if method != "POST":
            raise HttpError(405, "wrong-method", f"{method} isn't for scoring.", "Send a POST.")
        return server.AMLResponse(service.answer(get_data()), 200, headers)
    except HttpError as error:
        return server.AMLResponse(encode(error.to_json()), error.status, headers)
