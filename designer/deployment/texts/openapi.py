"""The requests and responses of an endpoint as OpenAPI 3 and as Swagger 2, from its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]


def openapi(name: str, plan: Mapping[str, Any], samples: Mapping[str, Any]) -> Document:
    """Return the OpenAPI 3.0 document of an endpoint.

    Parameters
    ----------
    plan : mapping
        The content of ``scoring.json``.
    samples : mapping
        Example rows by input.
    """
    reference = "#/components/schemas/"
    schemas = _schemas(plan, samples, reference, nullable={"nullable": True})
    content = {"application/json": {"schema": {"$ref": f"{reference}Request"}}}
    responses = {
        status: {
            "description": text,
            "content": {"application/json": {"schema": {"$ref": f"{reference}{kind}"}}},
        }
        for status, text, kind in _ANSWERS
    }
    return {
        "openapi": "3.0.3",
        "info": _info(name),
        "paths": {
            "/score": {
                "post": {
                    "operationId": "score",
                    "summary": "Score rows",
                    "requestBody": {"required": True, "content": content},
                    "responses": responses,
                    "security": [{"key": []}],
                }
            },
            "/health": {
                "get": {
                    "operationId": "health",
                    "summary": "Whether the endpoint is ready",
                    "responses": {"200": {"description": "It is."}},
                }
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def swagger(name: str, plan: Mapping[str, Any], samples: Mapping[str, Any]) -> Document:
    """Return the Swagger 2.0 document of an endpoint, for older clients."""
    reference = "#/definitions/"
    schemas = _schemas(plan, samples, reference, nullable={"x-nullable": True})
    body = {
        "name": "body",
        "in": "body",
        "required": True,
        "schema": {"$ref": f"{reference}Request"},
    }
    responses = {
        status: {"description": text, "schema": {"$ref": f"{reference}{kind}"}}
        for status, text, kind in _ANSWERS
    }
    return {
        "swagger": "2.0",
        "info": _info(name),
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/score": {
                "post": {
                    "operationId": "score",
                    "summary": "Score rows",
                    "parameters": [body],
                    "responses": responses,
                    "security": [{"key": []}],
                }
            },
            "/health": {
                "get": {
                    "operationId": "health",
                    "summary": "Whether the endpoint is ready",
                    "responses": {"200": {"description": "It is."}},
                }
            },
        },
        "definitions": schemas,
        "securityDefinitions": {
            "key": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Bearer KEY",
            }
        },
    }


def sample_request(plan: Mapping[str, Any], samples: Mapping[str, Any]) -> Document:
    """Return an example request with one row for each input."""
    parameters = {name: plain.get("default") for name, plain in plan["parameters"].items()}
    return {
        "Inputs": {name: list(samples.get(name, []))[:1] for name in plan["inputs"]},
        "GlobalParameters": parameters,
    }


_ANSWERS = (
    ("200", "The scores.", "Answer"),
    ("400", "The request has an invalid form.", "Error"),
    ("401", "The key is missing or wrong.", "Error"),
    ("413", "The body is too large.", "Error"),
    ("422", "A row doesn't fit; the column is named.", "Error"),
)

_TYPES: dict[str, Document] = {
    "integer": {"type": "integer", "format": "int64"},
    "number": {"type": "number", "format": "double"},
    "boolean": {"type": "boolean"},
    "string": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
}


def _info(name: str) -> Document:
    return {"title": name, "version": "1", "description": "Made with ModelDesk."}


def _schemas(
    plan: Mapping[str, Any], samples: Mapping[str, Any], reference: str, nullable: Document
) -> Document:
    rows = {
        f"Row_{name}": _row(
            plain.get("columns") or [],
            plain.get("unseen_values", "refuse"),
            samples.get(name) or [],
            nullable,
        )
        for name, plain in plan["inputs"].items()
    }
    inputs = {
        name: {"type": "array", "minItems": 1, "items": {"$ref": f"{reference}Row_{name}"}}
        for name in plan["inputs"]
    }
    outputs = {name: {"type": "array", "items": {"type": "object"}} for name in plan["outputs"]}
    parameters = {name: _parameter(plain) for name, plain in plan["parameters"].items()}
    error = {name: {"type": "string"} for name in ("code", "message", "hint", "column")}
    return {
        **rows,
        "Request": {
            "type": "object",
            "required": ["Inputs"],
            "properties": {
                "Inputs": {"type": "object", "required": list(inputs), "properties": inputs},
                "GlobalParameters": {"type": "object", "properties": parameters},
            },
            "example": sample_request(plan, samples),
        },
        "Answer": {
            "type": "object",
            "required": ["Results"],
            "properties": {"Results": {"type": "object", "properties": outputs}},
        },
        "Error": {
            "type": "object",
            "properties": {"error": {"type": "object", "properties": error}},
        },
    }


def _row(
    columns: Sequence[Mapping[str, Any]], unseen: str, samples: Sequence[Any], nullable: Document
) -> Document:
    properties: Document = {}
    for column in columns:
        found = dict(_TYPES.get(column["kind"], {}))
        values = column.get("values")
        free = column.get("missing") or column.get("optional")
        if values and unseen == "refuse" and not column.get("optional"):
            found["enum"] = [*values, None] if free else list(values)
        if free:
            found |= nullable
        properties[column["name"]] = found
    row: Document = {"type": "object", "properties": properties}
    required = [column["name"] for column in columns if not column.get("optional")]
    if required:
        row["required"] = required
    if columns:
        row["additionalProperties"] = False
    if samples:
        row["example"] = samples[0]
    return row


def _parameter(plain: Mapping[str, Any]) -> Document:
    found = dict(_TYPES.get(_PARAMETERS.get(plain.get("type", ""), ""), {}))
    return found if plain.get("default") is None else found | {"default": plain["default"]}


_PARAMETERS = {"integer": "integer", "number": "number", "boolean": "boolean", "text": "string"}
