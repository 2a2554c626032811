"""The user's workspace on Azure ML: its config, and signing in.

Signing in is left to Microsoft's own libraries, by means that the user has anyway. Tokens are
kept in the keyring of the system (see :mod:`designer.azure.kept_sign_in`), and no token is ever
part of a message.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.azure.clouds import CLOUDS, PUBLIC, authority
from designer.azure.compile.problems import check_sdk
from designer.azure.errors import AzureError, translated_errors
from designer.azure.kept_sign_in import KeptCredential
from designer.azure.sdk_output import printing, quiet
from designer.azure.sign_in import SIGN_INS

CONFIG = "config.json"
"""Name of the file that the portal offers for download."""

Notify = Callable[[str], object]


@dataclass(frozen=True)
class WorkspaceConfig:
    """An Azure ML workspace, as in its config.json.

    Parameters
    ----------
    tenant : str or None
        The directory to sign in to, where it isn't the user's own.
    cloud : str
        A key of :data:`designer.azure.clouds.CLOUDS`.
    """

    subscription: str
    resource_group: str
    name: str
    tenant: str | None = None
    cloud: str = PUBLIC


def read_config(path: Path, cloud: str | None = None) -> WorkspaceConfig:
    """Read a config.json, or the one of a folder.

    Parameters
    ----------
    cloud : str, optional
        Instead of the one in the file, where it is ``cloud``.

    Raises
    ------
    AzureError
        If there is none, or it isn't one.
    """
    hint = "Download config.json from the page of the workspace in the Azure portal."
    if path.is_dir():
        candidates = (path / CONFIG, path / ".azureml" / CONFIG)
        path = next((each for each in candidates if each.is_file()), candidates[0])
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise AzureError(f"“{path}” can't be read: {error.strerror}.", hint) from None
    except (ValueError, RecursionError):
        raise AzureError(f"“{path}” isn't JSON.", hint) from None
    fields = content if isinstance(content, dict) else {}
    wanted = ("subscription_id", "resource_group", "workspace_name")
    missing = [name for name in wanted if not _is_text(fields.get(name))]
    if missing:
        raise AzureError(f"“{path}” has no “{missing[0]}”.", hint)
    tenant = fields.get("tenant_id")
    subscription, group, name = (fields[each].strip() for each in wanted)
    return WorkspaceConfig(
        subscription,
        group,
        name,
        str(tenant).strip() if _is_text(tenant) else None,
        known_cloud(cloud or fields.get("cloud") or PUBLIC),
    )


def known_cloud(name: object) -> str:
    """Return the name of a cloud; AzureError if there is none of that name."""
    if isinstance(name, str) and name in CLOUDS:
        return name
    raise AzureError(f"“{name}” isn't a cloud of Azure.", f"There are: {', '.join(CLOUDS)}.")


def connect_v1(config: WorkspaceConfig, sign_in: str = "browser", *, notify: Notify = print) -> Any:
    """Return the workspace as an ``azureml.core.Workspace``.

    Parameters
    ----------
    sign_in : str
        One of :data:`SIGN_INS`.
    notify : callable
        Receives what the user has to do, a device code for example.

    Raises
    ------
    AzureError
        If the workspace can't be reached.
    CompileError
        If the SDK isn't installed, or too old.
    """
    check_sdk("v1")
    with translated_errors(config, sign_in), quiet():
        from azureml.core import Workspace

        workspace = Workspace.get(
            name=config.name,
            subscription_id=config.subscription,
            resource_group=config.resource_group,
            auth=authentication_v1(config, sign_in, notify),
        )
        # The address of everything else; fetched now, while nothing has been sent.
        _ = workspace.service_context
        return workspace


def connect_v2(
    config: WorkspaceConfig, sign_in: str = "browser", *, notify: Notify = print
) -> tuple[Any, Any]:
    """Return a credential, and the workspace as ``azure.ai.ml.MLClient``.

    See :func:`connect_v1` for what may go wrong.
    """
    check_sdk("v2")
    with translated_errors(config, sign_in), quiet():
        from azure.ai.ml import MLClient

        ours = credential(config, sign_in, notify)
        client = MLClient(
            ours,
            config.subscription,
            config.resource_group,
            config.name,
            enable_telemetry=False,
            show_progress=False,
            cloud=config.cloud,
        )
        client.workspaces.get(config.name)
        return ours, client


def credential(config: WorkspaceConfig, sign_in: str, notify: Notify = print) -> Any:
    """Return a credential of azure-identity; it requests a token when one is needed.

    Raises
    ------
    AzureError
        If there is no such way to sign in.
    """
    import azure.identity as identity

    if sign_in == "browser":
        return KeptCredential(identity.InteractiveBrowserCredential, config.cloud, config.tenant)
    if sign_in == "device-code":

        def prompt(address: str, code: str, _expires: Any) -> None:
            with printing():
                notify(f"Open {address} and enter {code}.")

        return KeptCredential(
            identity.DeviceCodeCredential, config.cloud, config.tenant, prompt_callback=prompt
        )
    if sign_in == "azure-cli":
        tenant: dict[str, Any] = {"tenant_id": config.tenant} if config.tenant else {}
        return identity.AzureCliCredential(process_timeout=30, **tenant)
    if sign_in == "managed-identity":
        return identity.ManagedIdentityCredential()
    if sign_in == "environment":
        return identity.EnvironmentCredential(authority=authority(config.cloud))
    raise AzureError(f"“{sign_in}” isn't a way to sign in.", f"There are: {', '.join(SIGN_INS)}.")


def authentication_v1(config: WorkspaceConfig, sign_in: str, notify: Notify = print) -> Any:
    """Return what SDK v1 signs in with.

    It gets its tokens from :func:`credential`; without azure-identity it uses what it has
    itself, which is less.

    Raises
    ------
    AzureError
        If there is no such way to sign in without azure-identity.
    """
    from azureml.core import authentication

    if _has_identity():
        ours = credential(config, sign_in, notify)

        def token(audience: str) -> str:
            return str(ours.get_token(f"{audience.rstrip('/')}/.default").token)

        # With a cloud named, the SDK doesn't fetch the list of clouds.
        return authentication.TokenAuthentication(token, cloud=config.cloud)
    if sign_in == "browser":
        return authentication.InteractiveLoginAuthentication(
            tenant_id=config.tenant, cloud=config.cloud
        )
    if sign_in == "azure-cli":
        return authentication.AzureCliAuthentication(cloud=config.cloud)
    if sign_in == "managed-identity":
        return authentication.MsiAuthentication(cloud=config.cloud)
    raise AzureError(
        f"To sign in with “{sign_in}”, azure-identity is needed, which isn't installed.",
        "pip install azure-identity",
    )


def _has_identity() -> bool:
    try:
        return importlib.util.find_spec("azure.identity") is not None
    except (ImportError, ValueError):
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
