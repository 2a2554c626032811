"""Finds what uses a version of a dataset: runs, their models, and endpoints."""

from __future__ import annotations

import time

from designer.dataset_record import DatasetVersion
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.lineage.lineage import Item, Kind, Lineage
from designer.records import DamagedRecordError
from designer.tracking import registry
from designer.tracking.run_records import RunRecord, read_run
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace

MOST_RUNS = 20
"""Runs that are shown, the newest; models and endpoints are looked for among all."""


def trace_uses(workspace: Workspace, reference: str) -> Lineage:
    """Return what uses a version of a dataset.

    Parameters
    ----------
    reference : str
        ``NAME`` for the latest version, or ``NAME@VERSION``.

    Raises
    ------
    TrackingError
        If there is no such dataset or version.
    """
    try:
        found = workspace.dataset_store.find(reference)
    except KeyError as error:
        message = str(error.args[0])
        raise TrackingError(message, "See designer datasets.", wrong_input=True) from None
    subject = f"{found.name}@{found.version.version}"
    search = _Search(workspace, Item(f"data:{subject}", "data", subject, _facts(found.version)))
    for run in reversed(workspace.runs()):
        try:
            record = read_run(workspace, run)
        except TrackingError as error:
            search.missing.append(error.message)
            continue
        read = record.plain.get("datasets", {}).values()
        version = found.version.version
        if any((each["name"], each["version"]) == (found.name, version) for each in read):
            search.runs[run] = record
    search.find_models()
    search.find_endpoints()
    return search.lineage()


def moment(seconds: float) -> str:
    """Return a time as text; empty if it isn't known."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""


class _Search:
    """Collects what uses a dataset."""

    def __init__(self, workspace: Workspace, subject: Item) -> None:
        self._workspace = workspace
        self._subject = subject
        self._later: list[Item] = []
        self._links: list[tuple[str, str]] = []
        self._models: dict[tuple[str, str], str] = {}
        self.runs: dict[str, RunRecord] = {}
        self.missing: list[str] = []

    def find_models(self) -> None:
        """Find the versions of models that were registered from the runs."""
        if not self.runs:
            return
        try:
            names = [str(each["name"]) for each in registry.models(self._workspace)]
            for name in names:
                for each in registry.model(self._workspace, name)["versions"]:
                    if each["run"] in self.runs:
                        number = str(each["version"])
                        facts = [("Version", number), ("Registered", moment(each["created"]))]
                        id = self._use("model", f"model:{name}@{number}", name, facts)
                        self._models[name, number] = id
                        self._links.append((id, f"run:{each['run']}"))
        except TrackingError as error:
            self.missing.append(f"Models aren't known. {error.message}")

    def find_endpoints(self) -> None:
        """Find the versions of endpoints that serve the models."""
        if not self.runs or not (self._workspace.folder / "endpoints").is_dir():
            return
        records = Records(self._workspace)
        for name in records.names():
            try:
                for number in records.versions(name):
                    about = records.about(name, number)
                    run = str(about.get("run") or "")
                    if run not in self.runs:
                        continue
                    deployed = moment(about.get("added") or 0)
                    facts = [("Version", str(number)), ("Deployed", deployed)]
                    id = self._use("endpoint", f"endpoint:{name}@{number}", name, facts)
                    model, _, version = str(about.get("model") or "").rpartition(" version ")
                    self._links.append((id, self._models.get((model, version), f"run:{run}")))
            except (ServingError, DamagedRecordError) as error:
                self.missing.append(error.message)

    def lineage(self) -> Lineage:
        """Return what was found; runs that nothing was made of are left out beyond a number."""
        used = {below for _, below in self._links}
        shown = [run for run in self.runs if f"run:{run}" in used]
        others = [run for run in self.runs if f"run:{run}" not in used]
        room = max(0, MOST_RUNS - len(shown))
        shown += others[:room]
        if more := len(others[room:]):
            self.missing.append(f"And {more:,} earlier run{'' if more == 1 else 's'}.")
        items = [self._subject]
        for run in sorted(shown, reverse=True):
            record = self.runs[run]
            facts = [("Started", moment(record.started)), ("Status", record.status)]
            facts.append(("File", str(record.source or "")))
            items.append(_item("run", f"run:{run}", f"{record.name} {run}", facts))
            self._links.append((f"run:{run}", self._subject.id))
        return Lineage((*items, *self._later), tuple(self._links), tuple(self.missing), forth=True)

    def _use(self, kind: Kind, id: str, title: str, facts: list[tuple[str, str]]) -> str:
        self._later.append(_item(kind, id, title, facts))
        return id


def _item(kind: Kind, id: str, title: str, facts: list[tuple[str, str]]) -> Item:
    return Item(id, kind, title, tuple((label, text) for label, text in facts if text))


def _facts(version: DatasetVersion) -> tuple[tuple[str, str], ...]:
    rows = "" if version.rows is None else f"{version.rows:,}"
    facts = [("Registered", moment(version.registered or 0)), ("Hash", version.hash)]
    return tuple((label, text) for label, text in [*facts, ("Rows", rows)] if text)
