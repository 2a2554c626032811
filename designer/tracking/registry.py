"""The registry: trained models and inference pipelines by name and version, on MLflow.

Every function accepts and returns plain data and imports MLflow when it is called, so that
the window can have it called in another process.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.private_files import make_private
from designer.tracking.artifacts import keep_private, local_folder
from designer.tracking.connection import connected
from designer.tracking.model_source import lineage, model_output
from designer.tracking.run_records import find_run
from designer.tracking.settings import TrackingError, artifact_folder, is_own, tracking_uri
from designer.tracking.versions import (
    NAME,
    all_pages,
    model_json,
    registered,
    version_json,
    version_number,
    version_numbers,
)
from designer.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION = "champion"
"""The alias of the version that is in use."""


def register(
    workspace: Workspace | Path | str,
    name: str,
    run: str,
    node: str = "",
    port: str = "",
    *,
    folder: Path | str | None = None,
    description: str = "",
    aliases: Iterable[str] = (),
    requires: Iterable[str] = (),
) -> dict[str, Any]:
    """Register a model as the next version of a name.

    The run is recorded first, if it isn't yet.

    Parameters
    ----------
    workspace : Workspace or path
        The workspace, or its folder.
    run : str
        The run that the model comes from; see :func:`find_run`.
    node, port : str
        Which output of the run; without a port, the trained model of the node. Not
        needed with ``folder``.
    folder : path, optional
        The folder of an inference pipeline, which is registered as a whole.
    aliases : iterable of str
        Names that point to the new version from now on, ``champion`` for example.
    requires : iterable of str
        Distributions that the model needs beyond those that every model does.

    Returns
    -------
    dict
        As :func:`version` returns it.

    Raises
    ------
    TrackingError
        If the name is invalid, there is no such model, or the registry can't be used.
    """
    from designer.tracking import model_folder
    from designer.tracking.recording import record_one

    workspace = _workspace(workspace)
    aliases = list(aliases)
    _check_name(name)
    for alias in aliases:
        _check_alias(alias)
    record = find_run(workspace, run)
    if folder is not None:
        content = model_folder.scoring_folder(Path(folder))
    else:
        output = model_output(record, node, port)
        content = model_folder.trained_model(output)
    with connected(workspace) as client:
        mark = record_one(client, workspace, record)
        with model_folder.written(content, requires) as written:
            number = _upload(client, workspace, name, str(mark["run_id"]), written, description)
        tags = lineage(record, node, content.about, mark)
        for key, value in tags.items():
            client.set_model_version_tag(name, number, key, value)
        for alias in aliases:
            client.set_registered_model_alias(name, alias, number)
        return version_json(client, name, number)


def models(workspace: Workspace | Path | str) -> list[dict[str, Any]]:
    """Return the registered models by name, each with its latest version.

    Returns
    -------
    list of dict
        ``name``, ``description``, ``created``, ``changed`` (seconds since 1970),
        ``versions`` (their number), ``aliases`` and ``latest`` (see :func:`version`).

    Raises
    ------
    TrackingError
        If the registry can't be used.
    """
    workspace = _workspace(workspace)
    with connected(workspace) as client:
        found = []
        for model in all_pages(client.search_registered_models):
            numbers = version_numbers(client, model.name)
            found.append(model_json(client, model, numbers))
        return sorted(found, key=lambda each: str(each["name"]).lower())


def model(workspace: Workspace | Path | str, name: str) -> dict[str, Any]:
    """Return a registered model with all its versions, newest first.

    Raises
    ------
    TrackingError
        If there is none of this name, or the registry can't be used.
    """
    workspace = _workspace(workspace)
    with connected(workspace) as client:
        found = registered(client, name)
        numbers = version_numbers(client, name)
        plain = model_json(client, found, numbers)
        plain["versions"] = [version_json(client, name, number) for number in numbers]
        return plain


def version(workspace: Workspace | Path | str, name: str, number: str = "latest") -> dict[str, Any]:
    """Return one version of a model.

    Parameters
    ----------
    number : str
        A version's number, ``latest``, or an alias.

    Returns
    -------
    dict
        ``name``, ``version``, ``aliases``, ``description``, ``created``, ``run``,
        ``node``, ``pipeline``, ``kind``, ``task``, ``label``, ``learner``, ``metrics``,
        ``data``, ``uri`` (what MLflow loads), ``source``.

    Raises
    ------
    TrackingError
        If there is none, or the registry can't be used.
    """
    workspace = _workspace(workspace)
    with connected(workspace) as client:
        return version_json(client, name, version_number(client, name, number))


def download(workspace: Workspace | Path | str, name: str, number: str = "latest") -> Path:
    """Return the folder of a version in MLflow's form; a server's is copied here first.

    Raises
    ------
    TrackingError
        If there is none, or its files are gone.
    """
    workspace = _workspace(workspace)
    with connected(workspace) as client:
        number = version_number(client, name, number)
        source = str(client.get_model_version_download_uri(name, number))
        folder = local_folder(source)
        if folder is None:
            folder = _copy(workspace, name, number, source)
        if not (folder / "MLmodel").is_file():
            raise TrackingError(
                f"The files of version {number} of “{name}” are gone.", "Register it again."
            )
        return folder


def data_folder(model_folder: Path) -> Path:
    """Return the data in a folder from :func:`download`: a stored value, or a pipeline's.

    Raises
    ------
    TrackingError
        If it isn't one of ours.
    """
    data = model_folder / "data" / "model"
    if not data.is_dir():
        raise TrackingError("This model wasn't created by ModelDesk.", wrong_input=True)
    return data


def delete(workspace: Workspace | Path | str, name: str, number: str | None = None) -> list[str]:
    """Delete a version, or a model with all its versions; it ends with its last version.

    Returns
    -------
    list of str
        The versions deleted.

    Raises
    ------
    TrackingError
        If there is none, or the registry can't be used.
    """
    workspace = _workspace(workspace)
    with connected(workspace) as client:
        registered(client, name)
        every = version_numbers(client, name)
        doomed = every if number is None else [version_number(client, name, number)]
        sources = [client.get_model_version(name, each).source for each in doomed]
        if set(doomed) == set(every):
            client.delete_registered_model(name)
        else:
            for each in doomed:
                client.delete_model_version(name, each)
        for source in sources:
            _remove_files(workspace, name, str(source))
        return doomed


def set_alias(workspace: Workspace | Path | str, name: str, alias: str, number: str | None) -> None:
    """Point an alias to a version; None removes the alias.

    Raises
    ------
    TrackingError
        If there is no such version, or the alias is invalid.
    """
    workspace = _workspace(workspace)
    _check_alias(alias)
    with connected(workspace) as client:
        registered(client, name)
        if number is None:
            client.delete_registered_model_alias(name, alias)
        else:
            client.set_registered_model_alias(name, alias, version_number(client, name, number))


def _workspace(workspace: Workspace | Path | str) -> Workspace:
    return workspace if isinstance(workspace, Workspace) else Workspace(Path(workspace))


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name != name.rstrip(" ."):
        raise TrackingError(
            f"“{name}” can't be the name of a model.",
            "Use letters, digits, spaces, periods, and hyphens, at most 200.",
            wrong_input=True,
        )


def _check_alias(alias: str) -> None:
    if not re.fullmatch(r"[A-Za-z][\w-]{0,99}", alias, re.ASCII) or re.fullmatch(
        r"(?i)v\d+|latest", alias
    ):
        raise TrackingError(
            f"“{alias}” can't be an alias.",
            "Use letters, digits, and hyphens; “latest” is always the newest version.",
            wrong_input=True,
        )


def _upload(
    client: MlflowClient,
    workspace: Workspace,
    name: str,
    run_id: str,
    folder: Path,
    description: str,
) -> str:
    """Put a model among the files of its run, and make a version of it."""
    from mlflow.exceptions import MlflowException

    # A separate folder, so that the version can be deleted with its files.
    inside = f"models/{secrets.token_hex(6)}"
    client.log_artifacts(run_id, str(folder), inside)
    keep_private(client, run_id, workspace)
    with contextlib.suppress(MlflowException):
        # It may be there, or another process creates it just now; if not, the next line fails.
        client.create_registered_model(name)
    source = f"{str(client.get_run(run_id).info.artifact_uri).rstrip('/')}/{inside}"
    made = client.create_model_version(name, source, run_id=run_id, description=description or None)
    return str(made.version)


def _remove_files(workspace: Workspace, name: str, source: str) -> None:
    """Remove the files of a version that was deleted: the workspace's own, and copies."""
    folder = local_folder(source)
    own = artifact_folder(workspace).resolve()
    if is_own(workspace) and folder is not None and folder.resolve().is_relative_to(own):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder is None:
        end = source.rstrip("/").rpartition("/")[2]
        for copy in workspace.models_folder.iterdir():
            if copy.name.startswith(f"{name}-") and copy.name.endswith(f"-{end}"):
                shutil.rmtree(copy, ignore_errors=True)


def _copy(workspace: Workspace, name: str, number: str, source: str) -> Path:
    """Return the copy here of the files of a version that a server keeps."""
    from mlflow.artifacts import download_artifacts

    # The end of the source is of this version alone, even if its number is given again.
    target = workspace.models_folder / f"{name}-{number}-{source.rstrip('/').rpartition('/')[2]}"
    if not target.is_dir():
        with tempfile.TemporaryDirectory(dir=workspace.models_folder, prefix=".") as scratch:
            found = download_artifacts(
                artifact_uri=source, dst_path=scratch, tracking_uri=tracking_uri(workspace)
            )
            # Another process may have been faster.
            make_private(Path(found))
            with contextlib.suppress(OSError):
                Path(found).rename(target)
    return target
