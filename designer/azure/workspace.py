"""The person's workspace on Azure ML: which one it is, and the way in.

Signing in is left to Microsoft's own libraries, by means that the person has anyway.
Nothing of it is stored by this project, and no token is ever part of a message.
"""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.azure.problems import check_sdk

CONFIG = "config.json"
"""What the file is called that the portal offers for download."""

SIGN_INS = {
    "browser": "Sign in again in the browser.",
    "device-code": "Sign in again and enter the code in time.",
    "azure-cli": "Run “az login”, or choose another way to sign in.",
    "managed-identity": "Use it on a computer of Azure's that has an identity.",
    "environment": "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.",
}
"""The ways to sign in, each with what to do when it fails."""

Say = Callable[[str], None]


class AzureError(Exception):
    """Something with Azure ML went wrong.

    Parameters
    ----------
    message : str
        One sentence, without secrets.
    hint : str
        What to do.
    passing : bool
        Whether it may be over in a moment: no network, or a service that is busy.
    """

    def __init__(self, message: str, hint: str = "", *, passing: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.passing = passing


@dataclass(frozen=True)
class WorkspaceConfig:
    """Which workspace is meant; what a config.json says.

    Parameters
    ----------
    tenant : str or None
        The directory to sign in to, where it isn't the person's own.
    """

    subscription: str
    resource_group: str
    name: str
    tenant: str | None = None


def read_config(path: Path) -> WorkspaceConfig:
    """Read a config.json, or the one of a folder.

    Raises
    ------
    AzureError
        If there is none, or it isn't one.
    """
    hint = "Download config.json from the page of the workspace in the Azure portal."
    if path.is_dir():
        places = (path / CONFIG, path / ".azureml" / CONFIG)
        path = next((place for place in places if place.is_file()), places[0])
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise AzureError(f"“{path}” can't be read: {error.strerror}.", hint) from None
    except ValueError:
        raise AzureError(f"“{path}” is not JSON.", hint) from None
    fields = content if isinstance(content, dict) else {}
    wanted = ("subscription_id", "resource_group", "workspace_name")
    missing = [name for name in wanted if not _is_text(fields.get(name))]
    if missing:
        raise AzureError(f"“{path}” doesn't say what “{missing[0]}” is.", hint)
    tenant = fields.get("tenant_id")
    return WorkspaceConfig(
        *(fields[name].strip() for name in wanted), tenant.strip() if _is_text(tenant) else None
    )


def connect_v1(config: WorkspaceConfig, sign_in: str = "browser", *, say: Say = print) -> Any:
    """Return the workspace as an ``azureml.core.Workspace``.

    Parameters
    ----------
    sign_in : str
        One of :data:`SIGN_INS`.
    say : callable
        Told what the person has to do, a device code for example.

    Raises
    ------
    AzureError
        If the workspace can't be reached.
    CompileError
        If the SDK isn't installed, or too old.
    """
    check_sdk("v1")
    with in_words(config, sign_in), quiet():
        from azureml.core import Workspace

        workspace = Workspace.get(
            name=config.name,
            subscription_id=config.subscription,
            resource_group=config.resource_group,
            auth=_authentication_v1(config, sign_in, say),
        )
        # The address of everything else; fetched now, while nothing has been sent.
        _ = workspace.service_context
        return workspace


def connect_v2(
    config: WorkspaceConfig, sign_in: str = "browser", *, say: Say = print
) -> tuple[Any, Any]:
    """Return a credential, and the workspace as ``azure.ai.ml.MLClient``.

    See :func:`connect_v1` for what may go wrong.
    """
    check_sdk("v2")
    with in_words(config, sign_in), quiet():
        from azure.ai.ml import MLClient

        ours = credential(config, sign_in, say)
        client = MLClient(
            ours,
            config.subscription,
            config.resource_group,
            config.name,
            enable_telemetry=False,
            show_progress=False,
        )
        client.workspaces.get(config.name)
        return ours, client


def credential(config: WorkspaceConfig, sign_in: str, say: Say = print) -> Any:
    """Return a credential of azure-identity; it asks for a token when one is needed.

    Raises
    ------
    AzureError
        If there is no such way to sign in.
    """
    import azure.identity as identity

    tenant = {"tenant_id": config.tenant} if config.tenant else {}
    if sign_in == "browser":
        return identity.InteractiveBrowserCredential(**tenant)
    if sign_in == "device-code":
        return identity.DeviceCodeCredential(
            prompt_callback=lambda address, code, _: say(f"Open {address} and enter {code}."),
            **tenant,
        )
    if sign_in == "azure-cli":
        return identity.AzureCliCredential(process_timeout=30, **tenant)
    if sign_in == "managed-identity":
        return identity.ManagedIdentityCredential()
    if sign_in == "environment":
        return identity.EnvironmentCredential()
    raise AzureError(f"“{sign_in}” is no way to sign in.", f"There are: {', '.join(SIGN_INS)}.")


@contextmanager
def in_words(config: WorkspaceConfig, sign_in: str) -> Iterator[None]:
    """Turn what an SDK raises into an :class:`AzureError`."""
    try:
        yield
    except AzureError:
        raise
    except SystemExit as error:
        raise AzureError(f"The SDK stopped: {without_secrets(str(error))}.") from None
    except Exception as error:
        from designer.azure.problems import CompileError

        if isinstance(error, (CompileError, MemoryError, NameError)):
            raise
        # The cause is left out: what it holds is not known to be free of secrets.
        raise _explained(error, config, sign_in) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what is printed by the SDKs, in this thread and in those that they start."""
    me = threading.get_ident()
    with _print_lock:
        _hush()
        if not _silent:
            _others.update(threading.enumerate())
            sys.stdout, sys.stderr = _Silenced(sys.stdout), _Silenced(sys.stderr)
        _silent.append(me)
    try:
        yield
    finally:
        with _print_lock:
            _silent.remove(me)
            if not _silent:
                _others.clear()
                sys.stdout, sys.stderr = (
                    stream.under if isinstance(stream, _Silenced) else stream
                    for stream in (sys.stdout, sys.stderr)
                )


@contextmanager
def no_git() -> Iterator[None]:
    """Keep the SDKs from sending the address, branch and commit of a Git repository.

    They would take them from the folder that happens to be the current one, and the
    address may have a password in it.
    """
    before = os.environ.get("GIT_DIR")
    os.environ["GIT_DIR"] = os.devnull
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("GIT_DIR", None)
        else:
            os.environ["GIT_DIR"] = before


def without_secrets(text: str) -> str:
    """Return a text with tokens, keys and signatures in it made unreadable."""
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


_print_lock = threading.Lock()

_silent: list[int] = []
"""The threads whose prints are dropped, besides those that begin meanwhile: the SDKs'."""

_others: set[threading.Thread] = set()
"""The threads that were there before."""


class _Silenced(io.TextIOBase):
    """A standard stream that drops what some threads write."""

    def __init__(self, under: Any) -> None:
        self.under = under

    def write(self, text: str) -> int:
        known = threading.current_thread() in _others
        dropped = threading.get_ident() in _silent or (_silent and not known)
        return len(text) if dropped else int(self.under.write(text))

    def flush(self) -> None:
        self.under.flush()

    def isatty(self) -> bool:
        return bool(self.under.isatty())

    def fileno(self) -> int:
        return int(self.under.fileno())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return str(self.under.encoding)

    @property
    def buffer(self) -> Any:
        return self.under.buffer


def _hush() -> None:
    """Let the SDKs' loggers say nothing but errors: what matters is raised anyway."""
    families = ("azureml", "azure", "msrest", "msal")
    for name in [*families, *list(logging.root.manager.loggerDict)]:
        logger = logging.getLogger(name)
        if name.partition(".")[0] in families and logger.level < logging.ERROR:
            logger.setLevel(logging.ERROR)
    root = logging.getLogger()
    if _of_the_sdk not in root.filters:
        root.addFilter(_of_the_sdk)


def _of_the_sdk(record: logging.LogRecord) -> bool:
    # azureml-core writes some of its warnings straight to the root.
    return "azureml" not in Path(record.pathname).parts


def _authentication_v1(config: WorkspaceConfig, sign_in: str, say: Say) -> Any:
    from azureml.core import authentication

    if importlib.util.find_spec("azure.identity") is not None:
        ours = credential(config, sign_in, say)

        def token(audience: str) -> str:
            return str(ours.get_token(f"{audience.rstrip('/')}/.default").token)

        # With a cloud named, the SDK doesn't fetch the list of clouds.
        return authentication.TokenAuthentication(token, cloud="AzureCloud")
    if sign_in == "browser":
        return authentication.InteractiveLoginAuthentication(tenant_id=config.tenant)
    if sign_in == "azure-cli":
        return authentication.AzureCliAuthentication(cloud="AzureCloud")
    if sign_in == "managed-identity":
        return authentication.MsiAuthentication(cloud="AzureCloud")
    raise AzureError(
        f"To sign in with “{sign_in}”, azure-identity is needed, which is not installed.",
        "pip install azure-identity",
    )


def _explained(error: BaseException, config: WorkspaceConfig, sign_in: str) -> AzureError:
    chain = list(_chain(error))
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    text = " ".join(_text(each) for each in chain)
    lower = text.lower()
    place = f"“{config.name}” in the resource group “{config.resource_group}”"
    if names & _NO_NETWORK or any(word in lower for word in _NO_NETWORK_WORDS):
        return AzureError(
            "Azure can't be reached.",
            "Check the network, and HTTPS_PROXY if you need a proxy.",
            passing=True,
        )
    if names & _NO_SIGN_IN or _status(chain) == 401 or any(word in lower for word in _EXPIRED):
        return AzureError("The sign-in failed or has expired.", SIGN_INS.get(sign_in, ""))
    if _status(chain) == 403 or "authorizationfailed" in lower or "forbidden" in lower:
        return AzureError(
            f"You are signed in, but may not use the workspace {place}.",
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
        return _no_workspace(config, place)
    if "workspaceexception" in {name.lower() for name in names} or "no workspace" in lower:
        return _no_workspace(config, place)
    busy = (_status(chain) or 0) == 429 or (_status(chain) or 0) >= 500
    return AzureError(f"Azure ML says: {_sentence(text)}", passing=busy)


def _no_workspace(config: WorkspaceConfig, place: str) -> AzureError:
    return AzureError(
        f"There is no workspace {place} of the subscription {config.subscription}, "
        "or you may not see it.",
        "Download config.json again from the page of the workspace in the Azure portal.",
    )


_NO_NETWORK = {
    "ServiceRequestError",
    "ServiceRequestTimeoutError",
    "ServiceResponseError",
    "gaierror",
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "MaxRetryError",
    "NewConnectionError",
}
_NO_NETWORK_WORDS = (
    "max retries exceeded",
    "failed to establish a new connection",
    "unable to connect to proxy",
    "name or service not known",
    "getaddrinfo failed",
    "network is unreachable",
)
_NO_SIGN_IN = {
    "ClientAuthenticationError",
    "CredentialUnavailableError",
    "AuthenticationException",
    "AuthenticationRequiredError",
}
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
        # Some of the SDKs' exceptions fail when they are asked what they are.
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
    found = re.findall(r'"message":\s*"((?:[^"\\]|\\.)+)"', text) or re.findall(
        r"Message:\s*(.+)", text
    )
    line = (found[0] if found else text).replace("\\n", "\n").strip().splitlines() or ["nothing"]
    short = without_secrets(line[0].strip().rstrip("."))
    return (short if len(short) <= 300 else f"{short[:300]}…") + "."


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
