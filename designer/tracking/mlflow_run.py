"""One finished run as a run of MLflow."""

from __future__ import annotations

import getpass
import json
import math
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.engine.fingerprints import canonical, digest
from designer.engine.libraries import versions
from designer.pipeline import file
from designer.pipeline.model import Pipeline
from designer.redaction import without_secrets
from designer.tracking.artifacts import keep_private
from designer.tracking.data_hashes import DataRead, data_read
from designer.tracking.experiments import experiment_of
from designer.tracking.run_records import RunRecord, flat
from designer.workspace import Workspace
from modules.contract import ModuleSpec
from modules.values import Evaluation

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

PREFIX = "modeldesk."
"""The prefix of our tags."""

LONGEST_PARAMETER = 500
"""Characters of a parameter's value; old servers accept no more. A longer one ends in a hash."""

LONGEST_TAG = 5_000

_STATUS = {"completed": "FINISHED", "failed": "FAILED", "cancelled": "KILLED"}
_LARGEST_ARTIFACT = 1_000_000


def write_run(
    client: MlflowClient,
    workspace: Workspace,
    record: RunRecord,
    specs: Mapping[str, ModuleSpec],
) -> dict[str, Any]:
    """Record a run; one that is recorded already isn't recorded again.

    Returns
    -------
    dict
        ``experiment_id``, ``run_id`` and ``data``, the hashes of its input data.
    """
    experiment = experiment_of(client, workspace, record.name)
    data = data_read(record, specs, workspace)
    known = _known(client, experiment, record.id)
    if known is None:
        known = _new_run(client, workspace, experiment, record, specs, data)
    return {
        "experiment_id": experiment,
        "run_id": known,
        "data": {each.key: each.to_json() for each in data},
    }


def short(value: Any, limit: int = LONGEST_PARAMETER) -> str:
    """Return a parameter's value as a text of limited length, different for different values."""
    text = without_secrets(flat(value))
    if len(text) <= limit:
        return text
    return f"{text[: limit - 24]}… #{digest(text)[:16]}"


def mlflow_name(name: str) -> str:
    """Return a name of a parameter, metric or tag in the characters that MLflow accepts."""
    clean = re.sub(r"[^\w./: -]", "_", name)
    # MLflow treats a name as a path, and rejects paths that aren't normalized.
    clean = "/".join(part.strip() if part.strip(". ") else "_" for part in clean.split("/"))
    return clean[:250]


def _known(client: MlflowClient, experiment: str, run: str) -> str | None:
    """Return the MLflow run of a run, if it is there and whole; half of one is removed."""
    found = client.search_runs([experiment], f"tags.`{PREFIX}run` = '{run}'", max_results=5)
    for each in found:
        if each.data.tags.get(f"{PREFIX}whole") == "true":
            return str(each.info.run_id)
        client.delete_run(each.info.run_id)
    return None


def _new_run(
    client: MlflowClient,
    workspace: Workspace,
    experiment: str,
    record: RunRecord,
    specs: Mapping[str, ModuleSpec],
    data: list[DataRead],
) -> str:
    started = int(record.started * 1000) or None
    run = client.create_run(
        experiment,
        start_time=started,
        tags={f"{PREFIX}run": record.id},
        run_name=record.id,
    )
    run_id = str(run.info.run_id)
    _log(client, run_id, record, specs, data)
    inputs = _inputs(data)
    if inputs:
        client.log_inputs(run_id, inputs)
    folder = Path(tempfile.mkdtemp(prefix="modeldesk-"))
    try:
        _write_artifacts(record, data, folder)
        client.log_artifacts(run_id, str(folder))
        keep_private(client, run_id, workspace)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    client.set_tag(run_id, f"{PREFIX}whole", "true")
    end = int((record.started + record.seconds) * 1000) if record.started else None
    client.set_terminated(run_id, _STATUS.get(record.status, "FINISHED"), end)
    return run_id


def _log(
    client: MlflowClient,
    run_id: str,
    record: RunRecord,
    specs: Mapping[str, ModuleSpec],
    data: list[DataRead],
) -> None:
    """Write parameters, metrics and tags, in as few requests as MLflow's limits allow."""
    from mlflow.entities import Param, RunTag

    given = {mlflow_name(name): short(value) for name, value in record.parameters(specs).items()}
    parameters = [Param(name, value) for name, value in given.items()]
    values = {mlflow_name(name): value[:LONGEST_TAG] for name, value in _tags(record, data).items()}
    tags = [RunTag(name, value) for name, value in values.items()]
    for part in zip_longest(
        _chunks(_metrics(record), 500), _chunks(parameters, 100), _chunks(tags, 100), fillvalue=()
    ):
        metrics, some, others = part
        client.log_batch(run_id, metrics=metrics, params=some, tags=others)


def _metrics(record: RunRecord) -> list[Metric]:
    from mlflow.entities import Metric

    moment = int((record.started + record.seconds) * 1000)
    return [
        Metric(mlflow_name(name), math.nan if value is None else float(value), moment, 0)
        for name, value in record.metrics.items()
    ]


def _tags(record: RunRecord, data: list[DataRead]) -> dict[str, str]:
    tags = {
        "mlflow.source.name": str(record.source) if record.source else record.name,
        "mlflow.source.type": "LOCAL",
        "mlflow.user": _user(),
        f"{PREFIX}pipeline": str(record.source) if record.source else "",
        f"{PREFIX}status": record.status,
        f"{PREFIX}versions": json.dumps(record.versions or versions()),
        f"{PREFIX}fingerprints": json.dumps(fingerprints(record)),
    }
    if record.pipeline is not None:
        tags[f"{PREFIX}pipeline_hash"] = pipeline_hash(record.pipeline)
        description = record.pipeline.description
        if description:
            tags["mlflow.note.content"] = str(description)
    if record.error:
        tags[f"{PREFIX}error"] = without_secrets(record.error)
    commit = record.plain.get("commit")
    if commit:
        tags["mlflow.source.git.commit"] = str(commit)
    azure = record.plain.get("azure")
    if isinstance(azure, Mapping):
        tags |= {
            f"{PREFIX}azure.{name}": without_secrets(str(value)) for name, value in azure.items()
        }
    return tags | {f"{PREFIX}data.{each.key}": each.hash for each in data if each.hash}


def fingerprints(record: RunRecord) -> dict[str, str]:
    """Return the key of each node's entry in the store."""
    return {
        node: Path(output["path"]).parent.name
        for node, result in record.nodes.items()
        for output in list(result.get("outputs", {}).values())[:1]
    }


def pipeline_hash(pipeline: Pipeline) -> str:
    """Return a hash of what a pipeline computes: of nodes and links, without positions."""
    nodes = {
        node.id: [node.module, node.version, dict(node.parameters), node.disabled]
        for node in pipeline.nodes.values()
    }
    links = sorted(str(link) for link in pipeline.links)
    return digest(canonical(nodes), canonical(links))


def _inputs(data: list[DataRead]) -> list[Any]:
    """Return what was read as MLflow's datasets, which its pages list beside the run."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    found = []
    for each in data:
        profile = {} if each.rows is None else {"num_rows": each.rows}
        found.append(
            DatasetInput(
                Dataset(
                    name=each.path.name[:500] or each.key,
                    # MLflow keeps 36 characters; the tags have all of them.
                    digest=each.hash[:32] or "unknown",
                    source_type="local",
                    source=json.dumps({"uri": str(each.path)}),
                    profile=json.dumps(profile),
                ),
                [InputTag("mlflow.data.context", each.key[:500])],
            )
        )
    return found


def _write_artifacts(record: RunRecord, data: list[DataRead], folder: Path) -> None:
    outputs = {
        f"{node}.{port}": output
        for node, result in record.nodes.items()
        for port, output in result.get("outputs", {}).items()
    }
    texts = {
        "run.json": _json(record.plain),
        "metrics.json": _json(record.plain.get("metrics", {})),
        "data.json": _json({each.key: each.to_json() for each in data}),
        "outputs.json": _json(outputs),
    }
    if record.pipeline is not None:
        name = re.sub(r"[^\w .-]", "_", record.name)
        texts[f"{name}{file.SUFFIX}"] = file.dumps(record.pipeline)
    for name, text in texts.items():
        # They may go to a server that others can read.
        (folder / name).write_text(without_secrets(text), "utf-8")
    for key, output in outputs.items():
        report = Path(output["path"]) / "metrics.json"
        if output.get("type") == Evaluation.port_type.name and report.is_file():
            if report.stat().st_size > _LARGEST_ARTIFACT:
                continue
            target = folder / "evaluations" / f"{key.replace('/', '_')}.json"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(report, target)


def _json(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    every = list(items)
    for start in range(0, len(every), size):
        yield every[start : start + size]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
