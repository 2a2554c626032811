"""docs/adding-a-deployment-target.md, followed: nothing else has to know of its target."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from followed_page import files_of, install
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from serving_examples import Trained, azure_request, same_scores

from designer.cli.main import main
from designer.deployment import Endpoints
from designer.deployment.targets import ENTRY_POINTS, targets


@pytest.fixture(scope="module")
def plug_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Install a distribution that offers the target, as pip would."""
    site = tmp_path_factory.mktemp("site")
    install(files_of("adding-a-deployment-target.md"), site)
    sys.path.append(str(site))
    targets.cache_clear()
    yield
    sys.path.remove(str(site))
    for name in ("my_package.shelf", "my_package"):
        sys.modules.pop(name, None)
    targets.cache_clear()


@pytest.fixture
def designer(
    plug_in: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def deploy(designer: Callable[..., Result], packed: Any) -> Callable[..., Result]:
    file = packed.package.folder / "pipeline.pipeline.json"
    common = ("--name", "people", "--no-register", "--target", "shelf")
    return lambda *words: designer("deploy", file, *common, *words)


def test_the_help_shows_its_option(designer: Callable[..., Result]) -> None:
    shown = " ".join(designer("deploy", "--help").stdout.split())

    assert "[local|docker|aci|aks|managed|shelf]" in shown
    assert "--greeting TEXT Word that starts each log (shelf). Default: hello." in shown


def test_it_deploys_is_listed_answers_rolls_back_and_is_deleted(
    designer: Callable[..., Result], deploy: Callable[..., Result], trained: Trained, tmp_path: Path
) -> None:
    result = deploy("--greeting", "moin", "--json")
    assert "Deploy … onto the shelf" in result.stderr
    assert (document(result)["version"], document(result)["url"]) == (1, "shelf:people")
    assert document(deploy("--json"))["version"] == 2

    (listed,) = document(designer("endpoints", "list", "--json"))
    assert (listed["target"], listed["state"], listed["versions"]) == ("shelf", "running", [1, 2])
    request = tmp_path / "request.json"
    request.write_text(json.dumps(azure_request(*trained.rows)), "utf-8")
    tested = document(designer("endpoints", "test", "people", "--data", request, "--json"))
    assert same_scores(tested["answer"]["Results"]["output1"], trained.expected)
    assert document(designer("endpoints", "rollback", "people", "--json"))["version"] == 1
    assert designer("endpoints", "logs", "people").stdout == "hello\n"
    stopped = designer("endpoints", "stop", "people")
    assert stopped.exit_code == 2
    assert "“A shelf” doesn't support it" in stopped.stderr
    elsewhere = designer("endpoints", "delete", "people")
    assert "Deleting “people” (A shelf)" in elsewhere.stderr
    assert document(designer("endpoints", "list", "--json")) == []


def test_a_dry_run_writes_its_files_and_a_wrong_option_is_refused(
    deploy: Callable[..., Result], tmp_path: Path
) -> None:
    made = document(deploy("--dry-run", "-o", tmp_path / "out", "--greeting", "ahoy", "--json"))
    wrong, foreign = deploy("--greeting", "HELLO"), deploy("--cores", "2")

    assert set(made["files"]) == {"package", "label.txt", "README.txt"}
    assert (tmp_path / "out" / "label.txt").read_text() == "ahoy"
    assert (wrong.exit_code, foreign.exit_code) == (2, 2)
    assert "“HELLO” isn't a greeting." in wrong.stderr
    assert "Target “shelf” doesn't support the option “cores”." in foreign.stderr
    assert "Use it with docker or aci or aks." in foreign.stderr


def test_an_endpoint_stays_in_the_list_when_its_target_is_not_installed_any_more(
    designer: Callable[..., Result],
    deploy: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document(deploy("--json"))
    monkeypatch.setattr(sys, "path", [each for each in sys.path if "site" not in Path(each).name])
    targets.cache_clear()
    try:
        (status,) = Endpoints(tmp_path / "workspace").statuses()
        asked = designer("endpoints", "test", "people")
    finally:
        monkeypatch.undo()
        targets.cache_clear()

    assert (status.target, status.state, status.version) == ("shelf", "unresponsive", 1)
    assert asked.exit_code == 2
    assert "There is no target “shelf”." in asked.stderr


def test_a_target_that_can_not_be_loaded_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\nbroken = no_such_module:Target\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    targets.cache_clear()
    try:
        with pytest.warns(UserWarning, match="“broken” .* can't be loaded: No module named"):
            found = list(targets())
    finally:
        targets.cache_clear()

    assert found[:5] == ["local", "docker", "aci", "aks", "managed"]
    assert "broken" not in found


def test_the_window_asks_for_its_option(plug_in: None, qtbot: Any) -> None:
    from designer.app.deployment.deploying.deploy_form import DeployForm
    from designer.app.runs.compute_target import ComputeTarget

    class Backend:
        """What the form asks besides the target."""

        def problem_with_name(self, name: str, target: str) -> str:
            return ""

        def note_on_name(self, name: str) -> str:
            return ""

        def obstacle(self, target: str) -> str:
            return ""

    form = DeployForm(Backend(), "people", ComputeTarget())  # type: ignore[arg-type]
    qtbot.addWidget(form)
    form.show()
    form.target.setFocus()
    for _ in range(form.target.findText("A shelf")):
        QTest.keyClick(form.target, Qt.Key.Key_Down)
    field = form.fields.fields["greeting"]

    assert field.isVisible()
    assert not form.fields.fields["port"].isVisible()
    assert form.hint.text() == "Puts the package on a shelf."
    field.editor.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(field.editor, "MOIN")
    assert form.problem == "“MOIN” isn't a greeting."
    field.editor.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(field.editor, "moin")
    assert (form.problem, form.request().options) == ("", {"greeting": "moin"})
