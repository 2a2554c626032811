"""Errors of Azure ML: one message without secrets, and a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from designer.azure.network_errors import network_problem
from designer.azure.sign_in import HINTS
from designer.packaging.errors import PackagingError


class AzureError(Exception):
    """An error of Azure ML.

    Parameters
    ----------
    message : str
        One sentence, without secrets.
    hint : str
        What to do.
    passing : bool
        Whether it may be temporary: no network, or a service that is busy.
    once_reached : bool
        Whether it may be temporary if Azure has responded before: a host that isn't found.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        passing: bool = False,
        once_reached: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.passing = passing
        self.once_reached = once_reached


class GoneError(AzureError):
    """Azure ML doesn't have, or no longer has, what is requested."""


@contextmanager
def translated_errors(config: _Config, sign_in: str) -> Iterator[None]:
    """Turn what an SDK raises into an :class:`AzureError`."""
    try:
        yield
    except AzureError:
        raise
    except SystemExit as error:
        raise AzureError(f"The SDK stopped: {without_secrets(str(error))}.") from None
    except Exception as error:
        if isinstance(error, (PackagingError, MemoryError, NameError)):
            raise
        # The cause is left out: its text may contain secrets.
        raise _explained(error, config, sign_in) from None


def gone(run: str) -> GoneError:
    """Return the error of a run that Azure ML doesn't have."""
    return GoneError(
        f"Azure ML no longer has the run “{run}”.", "Its outputs can't be downloaded. Run it again."
    )


def is_missing(error: BaseException) -> bool:
    """Return whether something doesn't exist, rather than that access is denied."""
    chain = list(_chain(error))
    return _status(chain) == 404 or any("(404)" in _text(each) for each in chain)


def without_secrets(text: str) -> str:
    """Return a text with tokens, keys, and signatures redacted."""
    text = re.sub(r"eyJ[\w-]{8,}(?:\.[\w-]*){0,2}", "***", text)
    text = re.sub(r"(?i)(bearer\s+)[\w.~+/=-]+", r"\1***", text)
    text = re.sub(r"(?i)([?&;](?:sig|se|sp|skoid|code)=)[^&\s'\"]+", r"\1***", text)
    text = re.sub(
        r"(?i)((?:account_?key|client_?secret|password|access_?token|refresh_?token)"
        r"[\"']?\s*[=:]\s*[\"']?)[^\s;,&\"']+",
        r"\1***",
        text,
    )
    return re.sub(r"(://[^\s:/@]*):[^\s@/]+@", r"\1:***@", text)


class _Config(Protocol):
    """The facts that identify a workspace."""

    @property
    def subscription(self) -> str: ...

    @property
    def resource_group(self) -> str: ...

    @property
    def name(self) -> str: ...


def _explained(error: BaseException, config: _Config, sign_in: str) -> AzureError:
    chain = list(_chain(error))
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    text = " ".join(_text(each) for each in chain)
    lower = text.lower()
    workspace = f"“{config.name}” in the resource group “{config.resource_group}”"
    network = network_problem(chain, text)
    if network is not None:
        return AzureError(
            network.message,
            network.hint,
            passing=network.passing,
            once_reached=network.once_reached,
        )
    if names & _NO_SIGN_IN or _status(chain) == 401 or any(word in lower for word in _EXPIRED):
        return AzureError("The sign-in failed or has expired.", HINTS.get(sign_in, ""))
    if _status(chain) == 403 or "authorizationfailed" in lower or "forbidden" in lower:
        return AzureError(
            f"You're signed in, but don't have access to the workspace {workspace}.",
            "Ask its owner for the role “AzureML Data Scientist”.",
        )
    missing = (
        "subscriptionnotfound",
        "resourcegroupnotfound",
        "workspace not found",
        f"don't have access to {config.subscription} subscription".lower(),
    )
    if any(word in lower.replace("_", "") for word in missing) or (
        f"workspaces/{config.name}".lower() in lower and "not found" in lower.replace("be ", "")
    ):
        return _no_workspace(config, workspace)
    if "workspaceexception" in {name.lower() for name in names} or "no workspace" in lower:
        return _no_workspace(config, workspace)
    busy = (_status(chain) or 0) == 429 or (_status(chain) or 0) >= 500
    return AzureError(f"Azure ML error: {_sentence(text)}", passing=busy)


def _no_workspace(config: _Config, workspace: str) -> AzureError:
    return AzureError(
        f"There is no workspace {workspace} of the subscription {config.subscription}, "
        "or you don't have access to it.",
        "Download config.json again from the page of the workspace in the Azure portal.",
    )


_NO_SIGN_IN = {
    "ClientAuthenticationError",
    "CredentialUnavailableError",
    "AuthenticationException",
    "AuthenticationRequiredError",
}
# SDK v2 colors its message about a wrong value, and marks the sentence with "(x)".
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_EXPIRED = ("aadsts", "authenticationfailed", "invalidauthenticationtoken", "az login", "(401)")


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        inner = getattr(each, "inner_exception", None) or getattr(each, "inner_error", None)
        if isinstance(inner, BaseException):
            waiting.append(inner)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        # Some of the SDKs' exceptions fail when their attributes are read.
        return type(error).__name__


def _status(chain: list[BaseException]) -> int | None:
    for each in chain:
        response = getattr(each, "response", None)
        for holder in (each, response):
            status = getattr(holder, "status_code", None)
            if isinstance(status, int):
                return status
    return None


def _sentence(text: str) -> str:
    """Return the part of an SDK's message that is meant for people."""
    text = _COLOR.sub("", text)
    found = re.findall(r'"message":\s*"((?:[^"\\]|\\.)+)"', text) or re.findall(
        r"Message:\s*(.+)|^\s*\(x\)\s*(.+)", text, re.MULTILINE
    )
    message = found[0] if found else text
    lines = "".join(message).replace("\\n", "\n").strip().splitlines() or ["nothing"]
    # A line that ends with a colon needs the next ones: the invalid fields.
    line = " ".join(" ".join(lines).split()) if lines[0].rstrip().endswith(":") else lines[0]
    short = without_secrets(line.strip().rstrip("."))
    return (short if len(short) <= 300 else f"{short[:300]}…") + "."
