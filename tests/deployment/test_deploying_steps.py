"""A deployment step by step, what it refuses, and what is left; the target is scripted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from designer import tracking
from designer.deployment import deploying
from designer.deployment.consent import agreed_effects
from designer.deployment.deploying import deploy, is_inference, pack
from designer.deployment.endpoints import Endpoints
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.deployment.scoring_package import Package
from designer.deployment.status import Status
from designer.deployment.steps import FILE_STEPS, PACKAGE_STEPS, Steps, steps_of
from designer.deployment.target import DeploymentTarget, DeployRequest, DeployResult
from designer.pipeline.edits import connect
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.problem import Problem
from designer.tracking import registry
from designer.tracking.settings import TrackingError
from designer.workspace import Workspace
from modules.scoring import EVERYTHING, StepEffect

KEY = "primary-key-of-tests"


class Scripted(DeploymentTarget):
    """A target that remembers what it is asked and fails where it is told."""

    name = "local"
    title = "A place"
    steps = steps_of("register", "deploy", "test")
    asked: ClassVar[list[tuple[str, DeployRequest]]]
    fails: ClassVar[dict[str, BaseException]]
    lacks: ClassVar[list[Problem]]

    @classmethod
    def needs(cls) -> list[Problem]:
        return cls.lacks

    def _ask(self, what: str, request: DeployRequest) -> None:
        self.asked.append((what, request))
        if what in self.fails:
            raise self.fails[what]

    def check(self, request: DeployRequest) -> None:
        self._ask("check", request)

    def prepare(self, request: DeployRequest, steps: Steps) -> None:
        self._ask("prepare", request)

    def deploy(self, request: DeployRequest, steps: Steps) -> DeployResult:
        steps.begin("deploy")
        self._ask("deploy", request)
        assert (request.package / "MANIFEST.json").is_file()
        return DeployResult(request.name, self.name, 7, "url", "key", messages=("It runs.",))

    def files(self, request: DeployRequest) -> Mapping[str, str]:
        raise NotImplementedError

    def status(self, name: str, *, refresh: bool = False) -> Status:
        raise NotImplementedError

    def send(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        raise NotImplementedError

    def delete(self, name: str) -> None:
        raise NotImplementedError


Told = list[tuple[str, str, str]]


class Desk:
    """A workspace, a pipeline that can be deployed, and what deploying tells."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder / "w")
        self.file = folder / "p.pipeline.json"
        self.told: Told = []
        self.registered: list[Any] = []
        self.deleted: list[Any] = []
        self.run = "run-1"
        self.effects: tuple[StepEffect, ...] = ()
        self.tables: tuple[str, ...] = ()
        self.allowed: list[frozenset[str]] = []
        self.pack_error: BaseException | None = None
        self.save({"in": "web_service_input", "out": "web_service_output"})

    def save(self, nodes: dict[str, str], **extra: Any) -> None:
        record = {"inference": {"run": self.run} | extra}
        pipeline = Pipeline(
            nodes={name: Node(name, module) for name, module in nodes.items()}, extra=record
        )
        if nodes.keys() >= {"in", "out"}:
            pipeline = connect(pipeline, Endpoint("in", "dataset"), Endpoint("out", "dataset"))
        write(pipeline, self.file)

    def deploy(self, name: str = "people", **more: Any) -> DeployResult:
        options = {"on_step": lambda *words: self.told.append(words)} | more
        return deploy(self.workspace, self.file, name, **options)

    @property
    def left(self) -> list[str]:
        return [path.name for path in self.workspace.endpoints_folder.iterdir()]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path)
    Scripted.asked, Scripted.fails, Scripted.lacks = [], {}, []

    def write_package(pipeline: Pipeline, specs: Any, folder: Path, **more: Any) -> Package:
        more["on_step"]("entry-script")
        folder.mkdir(parents=True)
        (folder / "MANIFEST.json").write_text("{}")
        if made.pack_error is not None:
            raise made.pack_error
        made.allowed.append(more["allowed"])
        assert more["resolve"]("x.csv") == tmp_path / "x.csv"
        assert (more["base"], more["name"]) == (tmp_path, "people")
        return Package(folder, False, ("Not compiled.",), made.effects, made.tables)

    def register(workspace: Workspace, name: str, run: str, *, folder: Path) -> dict[str, Any]:
        made.registered.append((name, run, folder.name))
        return {"version": "3"}

    def delete(*words: Any) -> list[str]:
        made.deleted.append(words[1:])
        return []

    monkeypatch.setattr(deploying, "find_target", lambda name: Scripted)
    monkeypatch.setattr(deploying, "write_package", write_package)
    monkeypatch.setattr(registry, "register", register)
    monkeypatch.setattr(registry, "delete", delete)
    return made


def refusal(call: Callable[[], object]) -> ServingError:
    with pytest.raises(ServingError) as caught:
        call()
    return caught.value


def test_each_step_is_told_in_its_order_with_its_end(desk: Desk) -> None:
    desk.effects = (StepEffect("script", "Execute Python Script", "code"),)
    result = desk.deploy(key=KEY)
    assert desk.told == [
        (step, status, "")
        for step in ("inference", "entry-script", "register", "deploy")
        for status in ("running", "completed")
    ]
    assert [what for what, _ in Scripted.asked] == ["check", "prepare", "deploy"]
    requests = [request for _, request in Scripted.asked]
    assert [each.allowed for each in requests] == [frozenset(), {"code"}, {"code"}]
    assert {(each.name, each.key) for each in requests} == {("people", KEY)}
    messages = ("Not compiled.", "The model was registered as “people”, version 3.")
    assert requests[-1].about == {
        "file": str(desk.file),
        "model": "people version 3",
        "messages": list(messages),
        "allowed": ["code"],
    }
    assert result.model == "people version 3"
    assert result.messages == (*messages, "It runs.")
    assert desk.registered == [("people", "run-1", "model")]
    assert desk.deleted == []
    # Nothing of the package is left where it was made.
    assert desk.left == []


def test_tables_that_travel_are_told_before_anything_leaves(desk: Desk) -> None:
    desk.tables = ("The package contains 69 rows of “prices”.",)
    Scripted.fails = {"prepare": ServingError("Stop.")}
    refusal(desk.deploy)
    assert ("entry-script", "running", *desk.tables) in desk.told
    assert [what for what, _ in Scripted.asked] == ["check", "prepare"]


def test_what_a_package_may_do_is_remembered_for_its_content(desk: Desk, tmp_path: Path) -> None:
    desk.effects = (StepEffect("script", "Execute Python Script", "code"),)
    packed = pack(desk.workspace, desk.file, tmp_path / "package", "people", allow=["code"])
    assert agreed_effects(desk.workspace, packed.package.folder) == {"code"}
    (packed.package.folder / "MANIFEST.json").write_text("{ }")
    assert agreed_effects(desk.workspace, packed.package.folder) == frozenset()


@pytest.mark.parametrize(("register", "run"), [(False, "run-1"), (True, "")])
def test_without_a_run_or_by_wish_nothing_is_registered(
    desk: Desk, register: bool, run: str
) -> None:
    desk.run = run
    desk.save({"in": "web_service_input", "out": "web_service_output"})
    result = desk.deploy(register=register)
    assert desk.registered == []
    assert ("register", "skipped", "") in desk.told
    assert ("entry-script", "completed", "") in desk.told
    assert result.model == ""
    assert result.messages == ("Not compiled.", "It runs.")
    assert Scripted.asked[-1][1].about["model"] == ""


def test_only_what_was_run_here_may_have_every_effect(desk: Desk, tmp_path: Path) -> None:
    run, folder = desk.workspace.new_run()
    outside = tmp_path / "stranger"
    outside.mkdir()
    for each in (folder, outside):
        (each / "run.json").write_text('{"run": "x", "status": "completed"}')
        write(Pipeline(), each / "pipeline.json")
    for named, allowed in (
        (run, EVERYTHING),
        ("", {"code"}),
        ("run-1", {"code"}),
        # A record that comes with the pipeline is none of a run here.
        (str(outside), {"code"}),
        (f"../../../{outside.name}", {"code"}),
    ):
        desk.run = named
        desk.save({"in": "web_service_input", "out": "web_service_output"})
        desk.deploy(allow=["code"], register=False)
        assert desk.allowed.pop() == allowed, named


def test_an_invalid_pipeline_is_refused_with_all_its_errors(desk: Desk) -> None:
    nodes = {name: Node(name, f"web_service_{name}") for name in ("input", "output")}
    write(Pipeline(nodes={**nodes, "x": Node("x", "no_such_module")}), desk.file)
    found = refusal(desk.deploy)
    unconnected, unknown = sorted(found.message.splitlines(), key=lambda text: "no_such" in text)
    assert unconnected == "Web Service Output: the input “Dataset” isn't connected."
    assert "no_such_module" in unknown
    # The hint is that of the first one.
    assert found.message.startswith(unconnected)
    assert found.hint == "Connect a dataset."
    assert desk.told[-1][:2] == ("inference", "failed")
    assert desk.allowed == []


def test_a_damaged_record_of_the_run_is_named(desk: Desk) -> None:
    desk.save({"learner": "linear_regression"})
    run, folder = desk.workspace.new_run()
    write(Pipeline(), folder / "pipeline.json")
    desk.workspace.remember_run(run, {"run": run}, desk.file)
    found = refusal(desk.deploy)
    assert found.message == f"“{folder / 'run.json'}” is damaged: “status”: field required."
    assert found.hint == f"Run the pipeline again, or delete the folder “{run}”."
    assert not found.wrong_input


def test_a_model_that_can_not_be_registered_is_a_message(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: Any, **more: Any) -> Any:
        raise TrackingError("The registry is locked.")

    monkeypatch.setattr(registry, "register", refuse)
    result = desk.deploy()
    assert result.model == ""
    assert result.messages[1] == "The model wasn't registered: The registry is locked."
    # Nor is a version removed that was not made.
    Scripted.fails = {"deploy": ServingError("No answer.")}
    assert refusal(desk.deploy).message == "No answer."
    assert desk.deleted == []


def test_without_mlflow_a_model_is_deployed_and_not_registered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tracking, "registry")
    monkeypatch.setitem(sys.modules, "designer.tracking.registry", None)
    result = desk.deploy()
    assert result.model == ""
    assert result.messages[1] == "The model wasn't registered: MLflow isn't installed."


@pytest.mark.parametrize("fails", [False, True])
def test_a_training_pipeline_is_deployed_as_it_was_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fails: bool
) -> None:
    served = desk.file.read_text()
    desk.save({"learner": "linear_regression"})
    run, folder = desk.workspace.new_run()
    write(Pipeline(nodes={"as_run": Node("as_run", "linear_regression")}), folder / "pipeline.json")
    # It ran before it was saved here.
    folders = {"source": str(desk.file), "base": str(tmp_path / "before")}
    record = {"run": run, "status": "completed", "seconds": 1.5, "nodes": {}} | folders
    desk.workspace.remember_run(run, record, desk.file)
    asked: list[dict[str, Any]] = []

    def make_inference(order: dict[str, Any]) -> dict[str, Any]:
        asked.append(order)
        if fails:
            return {"error": {"message": "Two models.", "hint": "Choose one."}}
        return {"pipeline": served, "messages": ["The label is left out."]}

    monkeypatch.setattr("designer.inference.conversion_job.make_inference", make_inference)
    # What is packed is the pipeline that was made, and its paths start elsewhere.
    packages: list[Any] = []

    def write_package(pipeline: Pipeline, specs: Any, folder: Path, **more: Any) -> Package:
        packages.append((set(pipeline.nodes), more["base"]))
        return Package(folder, True)

    monkeypatch.setattr(deploying, "write_package", write_package)

    def packed() -> deploying.Packed:
        return pack(desk.workspace, desk.file, tmp_path / "package", "people", scores=("score",))

    if fails:
        found = refusal(packed)
        assert (found.message, found.hint) == ("Two models.", "Choose one.")
        return
    made = packed()
    assert (made.run, made.messages) == (run, ("The label is left out.",))
    (order,) = asked
    assert "as_run" in order["pipeline"]
    assert (order["run"], order["base"]) == (record, str(tmp_path / "before"))
    assert order["source"] == str(desk.file)
    assert (order["scores"], order["modules"]) == (("score",), [])
    assert order["values"] == order["target"] != str(tmp_path)
    assert packages == [({"in", "out"}, Path(order["values"]))]


@pytest.mark.parametrize(
    ("where", "told", "removed"),
    [
        ("check", [], False),
        ("prepare", ["inference", "entry-script"], False),
        ("deploy", ["inference", "entry-script", "register", "deploy"], True),
    ],
)
def test_what_was_made_is_rolled_back(
    desk: Desk, where: str, told: list[str], removed: bool
) -> None:
    error = ServingError("No answer.", "Check it.", wrong_input=False)
    Scripted.fails = {where: error}
    found = refusal(desk.deploy)
    assert found is error
    assert desk.deleted == ([("people", "3")] if removed else [])
    assert desk.left == []
    running = [step for step, status, _ in desk.told if status == "running"]
    assert running == told
    if told:
        assert desk.told[-1] == (told[-1], "failed", "No answer.")


def test_an_interrupt_leaves_no_version(desk: Desk) -> None:
    Scripted.fails = {"deploy": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        desk.deploy()
    assert desk.deleted == [("people", "3")]
    assert desk.left == []


def test_a_package_that_can_not_be_written_leaves_no_half_of_one(
    desk: Desk, tmp_path: Path
) -> None:
    desk.pack_error = ServingError("No.")
    folder = tmp_path / "package"
    assert refusal(lambda: pack(desk.workspace.folder, desk.file, folder, "people")) is (
        desk.pack_error
    )
    assert not folder.exists()
    desk.pack_error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        pack(desk.workspace, desk.file, folder, "people")
    assert not folder.exists()
    desk.pack_error = None
    packed = pack(str(desk.workspace.folder), str(desk.file), folder, "people")  # type: ignore[arg-type]
    assert (packed.run, packed.messages) == ("run-1", ("Not compiled.",))
    assert (folder / "MANIFEST.json").exists()


def test_what_this_computer_lacks_is_said_before_anything_is_made(desk: Desk) -> None:
    Scripted.lacks = [Problem("error", "Docker isn't there.", "Install it.")]
    found = refusal(desk.deploy)
    assert (found.message, found.remedy) == ("Docker isn't there.", "files")
    assert found.hint == "Install it. Or only write the files, for another computer."
    Scripted.lacks = [Problem("error", "Docker isn't there.")]
    assert refusal(desk.deploy).hint == "Or only write the files, for another computer."
    assert Scripted.asked == []


def test_a_key_is_refused_where_there_can_be_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scripted, "takes_key", False)
    found = refusal(lambda: desk.deploy(key=KEY))
    assert (found.message, found.hint, found.option) == (
        "“A place” creates its own keys.",
        "Omit the key.",
        "key",
    )
    assert desk.deploy().version == 7
    monkeypatch.setattr(Scripted, "takes_key", True)
    found = refusal(lambda: desk.deploy(key="x"))
    assert found.option == "key"


@pytest.mark.parametrize("name", ["A", "../x"])
def test_a_bad_name_is_refused_before_anything_is_made(desk: Desk, name: str) -> None:
    assert "can't be the name of an endpoint" in refusal(lambda: desk.deploy(name)).message
    assert Scripted.asked == []


def test_an_endpoint_does_not_move_to_another_target(desk: Desk, tmp_path: Path) -> None:
    made = tmp_path / "p"
    made.mkdir()
    (made / "MANIFEST.json").write_text("{}")
    records: Records = Endpoints(desk.workspace).records
    records.add("people", made, {}, {"target": "docker", "port": 1})
    found = refusal(desk.deploy)
    assert found.message.startswith("“people” is already deployed to “")
    assert found.hint == "Choose another name, or delete it first."
    assert (found.remedy, found.subject) == ("delete", "people")
    assert Scripted.asked == []
    assert desk.deploy(target="docker").version == 7


def test_what_can_not_be_served_is_refused_with_a_way_out(desk: Desk) -> None:
    desk.save({"in": "web_service_input"})
    found = refusal(desk.deploy)
    assert (found.message, found.hint) == (
        "“p.pipeline.json” hasn't been run yet, so there is no trained model.",
        "Run it.",
    )
    assert (found.remedy, found.subject) == ("run", str(desk.file))
    desk.save({"in": "web_service_input"}, kind="batch")
    found = refusal(desk.deploy)
    assert (found.message, found.hint, found.remedy) == (
        "“p.pipeline.json” is a batch inference pipeline; it doesn't accept requests.",
        "Create a real-time inference pipeline from the training pipeline.",
        None,
    )
    desk.file.unlink()
    assert refusal(desk.deploy).message == f"There is no file “{desk.file}”."
    assert desk.told[-1][:2] == ("inference", "failed")


def test_a_pipeline_with_both_ends_accepts_requests() -> None:
    nodes = [Node("a", "web_service_input"), Node("b", "web_service_output"), Node("c", "x")]
    for chosen, accepts in ((nodes, True), (nodes[:2], True), (nodes[:1], False), ([], False)):
        assert is_inference(Pipeline(nodes={each.id: each for each in chosen})) is accepts


def test_steps_have_titles_and_are_told_once() -> None:
    assert list(PACKAGE_STEPS) == ["inference", "entry-script", "configuration"]
    assert list(FILE_STEPS) == [*PACKAGE_STEPS, "files"]
    assert list(steps_of("deploy", "local")) == [*PACKAGE_STEPS, "deploy", "local"]
    told: Told = []
    with Steps(lambda *words: told.append(words)) as steps:
        steps.begin("a")
        steps.begin("a", "more")
        steps.notify("half")
        steps.skip("b", "no run")
        steps.begin("c")
    assert told == [
        ("a", "running", ""),
        ("a", "running", "more"),
        ("a", "running", "half"),
        ("a", "completed", ""),
        ("b", "skipped", "no run"),
        ("c", "running", ""),
        ("c", "completed", ""),
    ]
    told.clear()
    with pytest.raises(ValueError, match="bad"), Steps(lambda *words: told.append(words)):
        raise ValueError("bad")
    assert told == []
