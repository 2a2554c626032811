"""Finds the lineage of a result, model, endpoint, or dataset from what is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.catalog import load_catalog
from designer.dataset_record import split_reference
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.engine.fingerprints import digest
from designer.lineage.lineage import Item, Lineage
from designer.lineage.uses_tracing import moment, trace_uses
from designer.records import DamagedRecordError
from designer.tracking import registry
from designer.tracking.comparison import data_of
from designer.tracking.run_records import LATEST, RunRecord, find_run
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace
from modules.contract import ModuleSpec

_METRICS = 4


def trace(workspace: Workspace | Path | str, subject: str) -> Lineage:
    """Return the lineage of something back to data and code; of a dataset, what uses it.

    Parameters
    ----------
    subject : str
        ``run:ID``, ``result:ID/STEP``, ``result:ID/STEP.PORT``, or ``endpoint:``, ``model:``, or
        ``dataset:`` with ``NAME`` or ``NAME@VERSION``. Without a prefix, the first of run,
        result, endpoint, model, and dataset that there is; ``latest`` is the newest run.

    Raises
    ------
    TrackingError
        If there is no such thing, or the registry can't be used.
    """
    if not isinstance(workspace, Workspace):
        workspace = Workspace(Path(workspace))
    tracer = _Tracer(workspace)
    kind, _, name = subject.rpartition(":")
    if kind == "dataset":
        return trace_uses(workspace, name)
    if kind == "run":
        tracer.run(name)
    elif kind == "result":
        tracer.result(name)
    elif kind == "endpoint":
        tracer.endpoint(*_split(name))
    elif kind == "model":
        tracer.model(*_split(name))
    elif kind:
        raise TrackingError(
            f"“{kind}” isn't a kind of result.",
            "Use run:, result:, model:, endpoint:, or dataset:.",
            wrong_input=True,
        )
    else:
        try:
            tracer.any(name)
        except TrackingError as error:
            known = workspace.dataset_store.names()
            if not error.wrong_input or split_reference(name)[0] not in known:
                raise
            return trace_uses(workspace, name)
    return Lineage(tuple(tracer.items.values()), tuple(tracer.links), tuple(tracer.missing))


def trace_plainly(workspace: str, subject: str) -> tuple[dict[str, Any], str]:
    """Return a lineage as plain data and as text, for another process; see :func:`trace`."""
    found = trace(workspace, subject)
    return found.to_json(), found.text()


def _split(name: str) -> tuple[str, str]:
    first, _, version = name.partition("@")
    return first, version


class _Tracer:
    """Collects the items of one lineage."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._catalog: Mapping[str, ModuleSpec] | None = None
        self.items: dict[str, Item] = {}
        self.links: list[tuple[str, str]] = []
        self.missing: list[str] = []

    def any(self, name: str) -> None:
        """Trace what has this name."""
        if "/" in name:
            self.result(name)
            return
        if name == LATEST or any(run.startswith(name) for run in self._workspace.runs()):
            self.run(name)
            return
        first, version = _split(name)
        if (self._workspace.folder / "endpoints" / first / "endpoint.json").is_file():
            self.endpoint(first, version)
            return
        try:
            self.model(first, version)
        except TrackingError as error:
            if not error.wrong_input:
                raise
            raise TrackingError(
                f"There is no run, endpoint, model, or dataset “{name}”.",
                "See designer runs, designer endpoints, designer models, and designer datasets.",
                wrong_input=True,
            ) from None

    def endpoint(self, name: str, version: str) -> str:
        """Trace a version of an endpoint, by default the current one."""
        records = Records(self._workspace)
        try:
            found = records.read(name)
            number = int(version) if version.isdecimal() else int(found["version"])
            records.package(name, number)
            about = records.about(name, number)
        except ServingError as error:
            raise TrackingError(error.message, error.hint, wrong_input=True) from error
        except DamagedRecordError as error:
            raise TrackingError(error.message, error.hint) from error
        facts = [("Version", str(number)), ("Target", str(found.get("target", "local")))]
        if about.get("added"):
            facts.append(("Deployed", moment(about["added"])))
        facts.append(("Package", str(about.get("manifest", ""))))
        id = self._add("endpoint", f"endpoint:{name}@{number}", name, facts)
        model, _, model_version = str(about.get("model") or "").rpartition(" version ")
        if model:
            try:
                self._link(id, self.model(model, model_version))
                return id
            except TrackingError:
                self.missing.append(f"The model “{model}” isn't in the registry any more.")
        if about.get("run"):
            self._link(id, self._run_or_gone(str(about["run"])))
        else:
            self.missing.append(f"The run of version {number} of “{name}” isn't known.")
        return id

    def model(self, name: str, version: str) -> str:
        """Trace a version of a registered model, by default the latest."""
        found = registry.version(self._workspace, name, version or LATEST)
        facts = [
            ("Version", found["version"]),
            ("Registered", moment(found["created"])),
            ("Learner", found["learner"]),
            ("Predicts", found["label"]),
            ("Step", found["node"]),
            ("Metrics", _metrics(found["metrics"])),
        ]
        id = self._add("model", f"model:{name}@{found['version']}", name, facts)
        if found["run"]:
            self._link(id, self._run_or_gone(found["run"], found["node"], found))
        else:
            self.missing.append(f"The run of “{name}” isn't recorded.")
        return id

    def run(self, name: str) -> str:
        """Trace a run."""
        return self._of_record(find_run(self._workspace, name), "")

    def result(self, name: str) -> str:
        """Trace a result of a step: ``RUN/STEP``, or ``RUN/STEP.PORT`` for one output."""
        run, _, output = name.partition("/")
        node, _, port = output.partition(".")
        record = find_run(self._workspace, run)
        found = record.nodes.get(node)
        outputs = (found or {}).get("outputs") or {}
        if found is None or (port and port not in outputs):
            what = f"output “{port}” of “{node}”" if found else f"step “{node}”"
            raise TrackingError(
                f"The run {record.id} has no {what}.",
                f"See designer runs show {record.id}.",
                wrong_input=True,
            )
        facts = [("Status", str(found.get("status", "")))]
        for each in [port] if port else outputs:
            about = outputs[each]
            rows, columns = about.get("rows"), about.get("columns")
            size = "" if rows is None else f"{rows:,} × {columns:,}, "
            facts.append((each, f"{size}{Path(about['path']).parent.name}"))
        id = self._add("result", f"result:{record.id}/{output}", output, facts)
        self._link(id, self._of_record(record, node))
        return id

    def _run_or_gone(self, run: str, node: str = "", model: Mapping[str, Any] | None = None) -> str:
        try:
            return self._of_record(find_run(self._workspace, run), node)
        except TrackingError:
            self.missing.append(f"The run {run} isn't stored any more.")
        id = self._add("run", f"run:{run}", run, [("Stored", "no")])
        for key, content in (model or {}).get("data", {}).items():
            self._link(id, self._add("data", f"data:{key}", key, [("Hash", str(content))]))
        return id

    def _of_record(self, record: RunRecord, node: str) -> str:
        facts = [
            ("Started", moment(record.started)),
            ("Status", record.status),
            ("File", str(record.source or "")),
            ("Metrics", _metrics(record.metrics)),
        ]
        azure = record.plain.get("azure")
        if isinstance(azure, Mapping):
            facts.append(("Azure ML run", str(azure.get("run", ""))))
        id = self._add("run", f"run:{record.id}", f"{record.name} {record.id}", facts)
        pipeline = record.pipeline
        wanted = None
        if pipeline is not None and node in pipeline.nodes:
            wanted = pipeline.ancestors([node]) | {node}
        self._data(id, record, wanted)
        self._code(id, record, wanted)
        return id

    def _data(self, id: str, record: RunRecord, wanted: set[str] | None) -> None:
        read: dict[tuple[str, str], list[str]] = {}
        rows: dict[tuple[str, str], int | None] = {}
        for key, about in data_of(record, self._specs(), self._workspace).items():
            if wanted is None or key.rpartition(".")[0] in wanted:
                identity = (about.get("dataset") or about["path"], about["hash"])
                read.setdefault(identity, []).append(key)
                rows[identity] = about.get("rows")
        for (title, content), keys in read.items():
            facts = [
                ("Hash", content),
                ("Rows", "" if rows[title, content] is None else f"{rows[title, content]:,}"),
                ("Read by", ", ".join(keys)),
                ("Now", self._state(title, content)),
            ]
            self._link(id, self._add("data", f"data:{title}#{content[:12]}", title, facts))

    def _state(self, title: str, content: str) -> str:
        """Return whether a version of a dataset is still there; empty for other files."""
        name, at, version = title.rpartition("@")
        if not at or not version.isdecimal():
            return ""
        try:
            found = self._workspace.dataset_store.find(f"{name}@{version}")
        except KeyError:
            return "deleted"
        return "registered" if found.version.hash == content else "another dataset of this name"

    def _code(self, id: str, record: RunRecord, wanted: set[str] | None) -> None:
        facts = [("Commit", str(record.plain.get("commit") or ""))]
        script = record.plain.get("script")
        if isinstance(script, Mapping):
            facts += [
                ("Script", str(record.source or "")),
                ("Hash", str(script.get("code", ""))),
                ("Environment", str(script.get("environment", ""))),
            ]
        pipeline = record.pipeline
        modules = record.plain.get("modules") or {}
        if pipeline is not None:
            from designer.tracking.mlflow_run import pipeline_hash

            facts.append(("Pipeline", pipeline_hash(pipeline)))
            specs = self._specs()
            for name, step in pipeline.nodes.items():
                if wanted is not None and name not in wanted:
                    continue
                about = modules.get(step.module, {})
                version = about.get("version", step.version)
                text = f"{step.module} {version}, {str(about.get('code', ''))[:12]}".rstrip(", ")
                own = _own_code(specs.get(step.module), step.parameters)
                facts.append((name, f"{text}, script {own[:12]}" if own else text))
        versions = ", ".join(f"{name} {number}" for name, number in record.versions.items())
        facts.append(("Libraries", versions))
        title = str(record.plain.get("commit") or "")[:12] or "no commit"
        self._link(id, self._add("code", f"code:{record.id}", title, facts))

    def _specs(self) -> Mapping[str, ModuleSpec]:
        if self._catalog is None:
            # Without the user's own modules: looking runs no code of theirs.
            self._catalog = load_catalog()
        return self._catalog

    def _add(self, kind: Any, id: str, title: str, facts: list[tuple[str, str]]) -> str:
        kept = tuple((label, text) for label, text in facts if text)
        self.items.setdefault(id, Item(id, kind, title, kept))
        return id

    def _link(self, above: str, below: str) -> None:
        self.links.append((above, below))


def _own_code(spec: ModuleSpec | None, parameters: Mapping[str, Any]) -> str:
    """Return a hash of the scripts among a node's parameters; empty if there are none."""
    if spec is None:
        return ""
    scripts = [
        str(parameters[each.name])
        for each in spec.parameters
        if each.kind == "script" and each.name in parameters
    ]
    return digest(*scripts) if scripts else ""


def _metrics(metrics: Mapping[str, float | None]) -> str:
    shown = [f"{name} {value:.4g}" for name, value in metrics.items() if value is not None]
    more = len(shown) - _METRICS
    return ", ".join(shown[:_METRICS]) + (f", and {more} more" if more > 0 else "")
