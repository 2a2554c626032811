"""From an inference pipeline to the folder that :class:`modules.scoring.Scorer` reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from designer.inference.kept_values import content_hash
from designer.paths import absolute_path
from designer.pipeline.migration import migrated_node
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE_INPUT, WEB_SERVICE_OUTPUT
from designer.pipeline.parameters import bound_parameter
from modules.contract.errors import ModuleError
from modules.contract.installed import OWN
from modules.contract.specification import Effects, ModuleSpec, PathOf
from modules.scoring import FORMAT, PLAN, EffectsNotAllowed, StepEffect
from modules.values import storage
from modules.values.saved import check_self_contained

VALUES = "values"

Resolve = Callable[[str], Path]
"""Returns the file of a path parameter: ``dataset:NAME``, or relative to the pipeline."""


class ScoringError(ValueError):
    """The pipeline can't be served; one sentence, and a hint."""

    def __init__(self, message: str, hint: str = "", node: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.node = node


def write_scoring_folder(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    folder: Path,
    *,
    base: Path,
    resolve: Resolve | None = None,
    confined: bool = False,
) -> None:
    """Write what scoring needs: the plan, the values, and the user's own modules.

    :func:`modules.scoring.prepare` then adds example rows and the compiled form.

    Parameters
    ----------
    pipeline : Pipeline
        With a Web Service Input and a Web Service Output at least.
    folder : Path
        Created if needed; files of an older plan are replaced.
    base : Path
        The folder that relative paths start from.
    resolve : callable, optional
        For ``dataset:NAME``; see ``Workspace.resolve``.
    confined : bool
        Whether only files in ``base`` may be copied.

    Raises
    ------
    ScoringError
        If the pipeline can't be served.
    EffectsNotAllowed
        If it is confined and names a file elsewhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (VALUES, OWN, "compiled"):
        shutil.rmtree(folder / name, ignore_errors=True)
    within = base if confined else None
    writer = _Writer(
        pipeline, specs, folder, resolve or (lambda path: absolute_path(path, base)), within
    )
    text = json.dumps(writer.plan(), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / PLAN).write_text(text + "\n", "utf-8")


class _Writer:
    def __init__(
        self,
        pipeline: Pipeline,
        specs: Mapping[str, ModuleSpec],
        folder: Path,
        resolve: Resolve,
        within: Path | None,
    ) -> None:
        self.pipeline = pipeline
        self.specs = specs
        self.folder = folder
        self.resolve = resolve
        self.within = within

    def plan(self) -> dict[str, Any]:
        inputs = self._ends(WEB_SERVICE_INPUT, "input1")
        outputs = self._ends(WEB_SERVICE_OUTPUT, "output1")
        for ends, title in ((inputs, "Web Service Input"), (outputs, "Web Service Output")):
            if not ends:
                raise ScoringError(
                    f"The pipeline has no {title}.",
                    "Create a real-time inference pipeline, or add one.",
                )
        sources = {}
        for name, node in outputs.items():
            source = self._feeding(node.id).get("dataset")
            if source is None:
                raise ScoringError(
                    f"Nothing is connected to the Web Service Output “{name}”.", node=node.id
                )
            sources[name] = source
        wanted = self._needed([source.node for source in sources.values()])
        reached = {name: node for name, node in inputs.items() if node.id in wanted}
        if not reached:
            raise ScoringError(
                "No Web Service Input leads to a Web Service Output.",
                "Connect the Web Service Input to the step that processes the rows of a request.",
            )
        steps = [
            self._step(self.pipeline.nodes[node])
            for node in self.pipeline.order()
            if node in wanted and self.pipeline.nodes[node].module != WEB_SERVICE_INPUT
        ]
        plan = {
            "format": FORMAT,
            "run": self.pipeline.extra.get("inference", {}).get("run"),
            "inputs": {name: self._input(node) for name, node in reached.items()},
            "outputs": {name: str(source) for name, source in sources.items()},
            "parameters": {
                name: {"type": p.type, "default": p.default}
                for name, p in self.pipeline.parameters.items()
            },
            "steps": steps,
        }
        packages = self._packages(steps)
        return plan | ({"packages": packages} if packages else {})

    def _packages(self, steps: list[dict[str, Any]]) -> dict[str, list[str]]:
        """Copy the user's own modules whose classes kept values are of; return who needs them."""
        found: dict[str, list[str]] = {}
        for step in steps:
            for name in step["paths"]:
                try:
                    modules = storage.modules_of(self.folder / step["parameters"][name])
                except ModuleError as error:
                    raise ScoringError(error.message, error.hint, step["node"]) from None
                for own in filter(None, map(storage.own_package, modules.values())):
                    self._copy_package(*own)
                    nodes = found.setdefault(own[0], [])
                    if step["node"] not in nodes:
                        nodes.append(step["node"])
        return found

    def _ends(self, module: str, default: str) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for node in self.pipeline.nodes.values():
            if node.module != module or node.disabled:
                continue
            name = str(node.parameters.get("name", default))
            if name in found:
                raise ScoringError(
                    f"“{found[name].id}” and “{node.id}” have the same name, “{name}”.",
                    "Give each a unique name: requests and responses use them.",
                    node.id,
                )
            found[name] = node
        return found

    def _feeding(self, node: str) -> dict[str, Endpoint]:
        """Return what feeds each input port on a request: a Web Service Input goes first."""
        found: dict[str, Endpoint] = {}
        for link in self.pipeline.links_into.get(node, ()):
            if self.pipeline.nodes[link.source.node].disabled:
                continue
            if link.target.port not in found or self.pipeline.is_web_service(link):
                found[link.target.port] = link.source
        return found

    def _needed(self, nodes: list[str]) -> set[str]:
        wanted: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node in wanted:
                continue
            if self.pipeline.nodes[node].disabled:
                raise ScoringError(
                    f"“{node}” is disabled, but the response needs it.", "Enable it.", node
                )
            wanted.add(node)
            waiting += [source.node for source in self._feeding(node).values()]
        return wanted

    def _input(self, node: Node) -> dict[str, Any]:
        sample = None
        for link in self.pipeline.links_from.get(node.id, ()):
            other = self.pipeline.inputs_of(link.target.node).get(link.target.port)
            giver = self.pipeline.nodes.get(other.node) if other else None
            spec = self.specs.get(giver.module) if giver else None
            if giver is not None and spec is not None and spec.value_path is not None:
                path = spec.value_path.name
                sample = self._kept(giver, path, str(giver.parameters.get(path, "")), True)
        return {
            "endpoint": f"{node.id}.dataset",
            "columns": node.parameters.get("columns") or [],
            "unseen_values": node.parameters.get("unseen_values", "refuse"),
            "sample": sample,
        }

    def _step(self, node: Node) -> dict[str, Any]:
        spec = self.specs.get(node.module)
        if spec is None:
            raise ScoringError(
                f"The module “{node.module}” of “{node.id}” isn't installed.", node=node.id
            )
        if spec.effects in (Effects.READS, Effects.WRITES):
            what = "reads from" if spec.effects == Effects.READS else "writes to"
            raise ScoringError(
                f"{spec.title} (“{node.id}”) {what} outside of the pipeline; an endpoint doesn't.",
                "Remove it, or keep its result as a Saved Dataset.",
                node.id,
            )
        migrated = migrated_node(node, spec) if node.version < spec.version else node
        if migrated is None or node.version > spec.version:
            raise ScoringError(
                f"The pipeline uses version {node.version} of {spec.title} (“{node.id}”); "
                f"version {spec.version} is installed.",
                node=node.id,
            )
        inputs = self._feeding(node.id)
        for port in spec.inputs:
            if port.name not in inputs and not port.optional:
                raise ScoringError(
                    f"{spec.title} (“{node.id}”): the input “{port.title}” isn't connected.",
                    node=node.id,
                )
        parameters, paths = self._parameters(migrated, spec)
        module, file = self._module(spec)
        return {
            "node": node.id,
            "module": module,
            "function": spec.function.__name__,
            "file": file,
            "parameters": parameters,
            "paths": paths,
            "inputs": {port: str(source) for port, source in inputs.items()},
        }

    def _parameters(self, node: Node, spec: ModuleSpec) -> tuple[dict[str, Any], list[str]]:
        parameters: dict[str, Any] = {}
        paths = []
        for name, value in node.parameters.items():
            marker = spec.parameter_by_name[name].marker if name in spec.parameter_by_name else None
            bound = bound_parameter(value)
            if bound is not None and isinstance(marker, PathOf):
                raise ScoringError(
                    f"“{node.id}” reads the file that the pipeline parameter “{bound}” names; a "
                    "request could then choose any file of the server.",
                    "Enter the file itself.",
                    node.id,
                )
            if bound is not None and bound not in self.pipeline.parameters:
                raise ScoringError(
                    f"“{node.id}”: there is no pipeline parameter “{bound}”.", node=node.id
                )
            if isinstance(marker, PathOf) and isinstance(value, str) and value:
                value = self._kept(node, name, value, marker.folder)
                paths.append(name)
            parameters[name] = value
        return parameters, paths

    def _kept(self, node: Node, name: str, value: str, is_folder: bool) -> str:
        """Copy a file or folder that a parameter names; return its path in the folder."""
        try:
            source = self.resolve(value)
        except KeyError as error:
            raise ScoringError(f"“{node.id}”: {error.args[0]}", node=node.id) from None
        if self.within is not None and not source.resolve().is_relative_to(self.within.resolve()):
            what = f"the {'folder' if is_folder else 'file'} “{value}”"
            title = self.specs[node.module].title
            raise EffectsNotAllowed([StepEffect(node.id, title, "reads", (what,))])
        if not (source.is_dir() if is_folder else source.exists()):
            what = "folder" if is_folder else "file"
            raise ScoringError(
                f"“{node.id}” needs the {what} “{value}”, which doesn't exist.",
                "Update the inference pipeline from the latest run.",
                node.id,
            )
        inside = f"{VALUES}/{node.id.replace('/', '.')}-{content_hash(source)}"
        target = self.folder / inside
        if source.is_dir():
            if self.within is not None:
                check_self_contained(source)
            if not target.exists():
                shutil.copytree(source, target)
            return inside
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target / source.name)
        return f"{inside}/{source.name}"

    def _module(self, spec: ModuleSpec) -> tuple[str, str | None]:
        """Return the dotted name, and the file of a user's own module, which is copied."""
        name = spec.function.__module__
        if name.partition(".")[0] != OWN:
            return name, None
        package, _, stem = name.rpartition(".")
        self._copy_package(package, spec.file.parent)
        return name, f"{package.replace('.', '/')}/{stem}.py"

    def _copy_package(self, package: str, source: Path) -> None:
        target = self.folder / package.replace(".", "/")
        if not target.exists():
            target.mkdir(parents=True)
            for file in sorted(source.rglob("*.py")):
                copy = target / file.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
