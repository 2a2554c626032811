"""What a route is: a method, a pattern of host and path, and a function."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """A request as it came; ``headers`` by small letters."""

    method: str
    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def json(self) -> Any:
        """The body as plain data; None for an empty one."""
        return json.loads(self.body) if self.body else None

    @property
    def form(self) -> dict[str, str]:
        """The body as fields of a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answer:
    """What is sent back: plain data becomes JSON."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class ServiceError(Exception):
    """A request that the service refuses, in Azure's form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.content = {"error": {"code": code, "message": message}, "statusCode": status}


Function = Callable[..., Any]


class Router:
    """A list of routes; the first one that fits is taken."""

    def __init__(self) -> None:
        self.routes: list[tuple[str, re.Pattern[str], Function]] = []

    def __call__(self, methods: str, pattern: str) -> Callable[[Function], Function]:
        """Register a function for methods and a pattern of the whole path."""

        def register(function: Function) -> Function:
            # Azure's own services don't look at the case of a path either.
            compiled = re.compile(pattern, re.IGNORECASE)
            for method in methods.split("|"):
                self.routes.append((method, compiled, function))
            return function

        return register

    def find(self, method: str, path: str) -> tuple[Function, dict[str, str]] | None:
        """Return the function of a request and the named parts of its path."""
        for each, pattern, function in self.routes:
            found = pattern.fullmatch(path) if each == method else None
            if found:
                return function, found.groupdict()
        return None
