"""A package from a stranger computes, and does nothing else unless that is allowed.

What it reads, writes and connects to is counted by the kernel and by a server, not by ModelDesk.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hostile import (
    SECRET,
    Outside,
    attacks,
    change_plan,
    hide_code,
    prepare_with,
    step,
    watched,
)
from serving_examples import Trained, azure_request

from designer.catalog import load_catalog
from designer.cli.main import main
from designer.deployment.deploying import Packed
from designer.tracking.model_folder import scoring_folder, written
from modules.contract.errors import ModuleError
from modules.contract.module_spec import Effects
from modules.endpoint.package import verify, write_manifest
from modules.endpoint.server import load_package
from modules.scoring import ALLOWABLE, EffectsNotAllowed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches files with inotify")

MLFLOW = """
import sys
import mlflow.pyfunc
mlflow.pyfunc.load_model(sys.argv[1])
"""


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with watched(tmp_path / "outside") as found:
        monkeypatch.setenv("HOME", str(found.folder))
        monkeypatch.setenv("MODELDESK_SECRET_WAREHOUSE", SECRET)
        yield found


@pytest.fixture
def package(packed: Packed, tmp_path: Path) -> Path:
    """Return a copy of a sound package that scores with tables."""
    found = shutil.copytree(packed.package.folder, tmp_path / "package")
    shutil.rmtree(found / "model" / "compiled")
    write_manifest(found, {"name": "people"})
    return found


def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        timeout=300,
    )


def designer(*arguments: object) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def full(package: Path, outside: Outside) -> Path:
    """Return a package with every attack."""
    return change_plan(package, *(step for _, step in attacks(outside).values()))


def rows_file(folder: Path, trained: Trained) -> Path:
    import pandas as pd

    file = folder / "rows.csv"
    pd.DataFrame(trained.rows).to_csv(file, index=False)
    return file


@pytest.mark.long
@pytest.mark.parametrize("way", ["score", "check", "mlflow"])
def test_every_effect_is_refused_and_none_is_had(
    way: str, full: Path, outside: Outside, trained: Trained, packed: Packed, tmp_path: Path
) -> None:
    data, scores = rows_file(tmp_path, trained), tmp_path / "scores.csv"
    if way == "score":
        words = ("-m", "designer", "score", full, "--data", data, "-o", scores)
        command = (*words, "--workspace", tmp_path / "workspace")
    elif way == "check":
        command = ("-m", "modules.endpoint", full, "--check", "--no-key")
    else:
        model = tmp_path / "mlflow"
        with written(scoring_folder(packed.package.folder / "model")) as folder:
            shutil.copytree(folder, model)
        (inside,) = model.rglob("scoring.json")
        shutil.rmtree(inside.parent)
        shutil.copytree(full / "model", inside.parent)
        command = ("-c", MLFLOW, model)

    before = sorted(outside.folder.iterdir())
    # What this process did outside so far doesn't count.
    outside.touched()

    # The way into a home folder that libraries look at for their own settings is another one.
    done = run(*command, HOME=str(tmp_path))

    assert outside.touched() == []
    assert outside.connections == []
    assert sorted(outside.folder.iterdir()) == before
    assert not scores.exists()
    assert done.returncode != 0
    printed = done.stdout + done.stderr
    assert SECRET not in printed
    for node in attacks(outside):
        assert f"“{node}”" in printed
    for reached in (".bashrc", "secret.csv", outside.url, "the secret “warehouse”", "own.db"):
        assert reached in printed
    if way != "mlflow":
        assert "Traceback" not in printed


@pytest.mark.parametrize(
    "name",
    ["bashrc", "table", "file", "web", "query", "keys", "passwd", "home", "saved", "script"],
)
def test_each_effect_is_named_and_had_only_where_it_is_allowed(
    name: str, package: Path, outside: Outside, trained: Trained
) -> None:
    effect, made = attacks(outside)[name]
    change_plan(package, made)
    before = sorted(outside.folder.iterdir())
    outside.touched()

    others = set(ALLOWABLE) - {effect}
    with pytest.raises(EffectsNotAllowed) as caught:
        load_package(package, allowed=others)

    assert caught.value.names == (effect,)
    assert [each.node for each in caught.value.effects] == [name]
    assert f"--allow {effect}" in caught.value.hint
    assert outside.touched() == []
    assert outside.connections == []
    assert sorted(outside.folder.iterdir()) == before

    # The same package does reach outside when that is allowed, so the watch works.
    with suppress(ModuleError):
        load_package(package, allowed={effect}).answer_document(azure_request(trained.rows[0]))
    assert outside.touched() or outside.connections


@pytest.mark.parametrize(
    "module",
    [spec for spec in load_catalog().values() if spec.effects != Effects.NONE],
    ids=lambda spec: spec.id,
)
def test_no_module_with_an_effect_is_forgotten(module, package: Path) -> None:
    name = module.function.__module__.removeprefix("modules.")
    change_plan(package, step("x", name))

    with pytest.raises(EffectsNotAllowed, match="“x”"):
        load_package(package)


def test_a_request_cannot_choose_a_file(package: Path, outside: Outside, trained: Trained) -> None:
    reads = step("x", "data_input_output.dataset", path={"$parameter": "where"})
    change_plan(package, reads, parameters={"where": {"type": "text", "default": "values"}})

    with pytest.raises(EffectsNotAllowed, match=r"“x” \(Dataset\) reads the file “values”"):
        load_package(package)


@pytest.mark.parametrize("where", ["../outside/secret.csv", "ABSOLUTE", "values/../../../outside"])
def test_a_path_that_claims_to_be_inside_is_refused(
    where: str, package: Path, outside: Outside
) -> None:
    where = where.replace("ABSOLUTE", str(outside.secret))
    made = step("x", "data_input_output.dataset", path=where) | {"paths": ["path"]}
    change_plan(package, made)
    outside.touched()

    for allowed in ((), ALLOWABLE):
        with pytest.raises(ModuleError, match="is outside the scoring package"):
            load_package(package, allowed=allowed)
    assert outside.touched() == []


@pytest.mark.parametrize("name", ["MANIFEST.json", "model/scoring.json"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(name: str, package: Path) -> None:
    (package / name).unlink()
    os.mkfifo(package / name)
    with pytest.raises(ModuleError, match="not a file"):
        load_package(package, allowed=ALLOWABLE)


@pytest.mark.parametrize("kind", ["file", "folder", "pipe"])
def test_nothing_in_a_package_leads_out_of_it(kind: str, package: Path, outside: Outside) -> None:
    extra = package / "model" / "values" / "extra"
    if kind == "pipe":
        os.mkfifo(extra)
    else:
        extra.symlink_to(outside.secret if kind == "file" else outside.folder)
    manifest = json.loads((package / "MANIFEST.json").read_text("utf-8"))
    manifest["files"]["model/values/extra"] = {"size": 0, "sha256": ""}
    (package / "MANIFEST.json").write_text(json.dumps(manifest), "utf-8")
    outside.touched()

    with pytest.raises(ModuleError, match="“model/values/extra” in the scoring package is"):
        load_package(package, allowed=ALLOWABLE)
    assert outside.touched() == []


def test_a_manifest_lists_no_file_outside(package: Path, outside: Outside) -> None:
    manifest = json.loads((package / "MANIFEST.json").read_text("utf-8"))
    size = outside.secret.stat().st_size
    manifest["files"]["../outside/secret.csv"] = {"size": size, "sha256": ""}
    (package / "MANIFEST.json").write_text(json.dumps(manifest), "utf-8")
    outside.touched()

    with pytest.raises(ModuleError, match="is outside the scoring package"):
        verify(package)
    assert outside.touched() == []


@pytest.mark.parametrize("place", ["itself", "nested", "linked"])
def test_a_stored_model_with_code_is_refused_wherever_it_is(
    place: str, package: Path, outside: Outside, trained: Trained
) -> None:
    (stored,) = (each.parent for each in (package / "model").rglob("model.json"))
    hide_code(stored, place, outside.folder / "mark")
    write_manifest(package, {"name": "people"})
    outside.touched()

    with pytest.raises(EffectsNotAllowed, match=r"\(Saved Model\) runs custom code") as caught:
        load_package(package, allowed=set(ALLOWABLE) - {"code"})
    assert caught.value.names == ("code",)
    assert outside.touched() == []

    # It does run if that is allowed, so what was refused is no harmless model.
    load_package(package, allowed={"code"}).answer_document(azure_request(trained.rows[0]))
    assert outside.touched() != []


@pytest.mark.parametrize("name", ["execute_python_script", "export_data"])
def test_a_stored_preparation_calls_only_modules_that_prepare_tables(
    name: str, package: Path, outside: Outside
) -> None:
    (stored,) = (each.parent for each in (package / "model").rglob("model.json"))
    prepare_with(stored, attacks(outside)["script" if "script" in name else "bashrc"][1])
    write_manifest(package, {"name": "people"})
    outside.touched()

    with pytest.raises(ModuleError, match=f"{name}”, which isn't a module that prepares tables"):
        load_package(package)
    assert outside.touched() == []


def test_a_compiled_model_reads_no_arrays_outside(
    packed: Packed, outside: Outside, tmp_path: Path
) -> None:
    import numpy as np

    package = shutil.copytree(packed.package.folder, tmp_path / "package")
    np.save(outside.folder / "weights.npy", np.zeros(3))
    (file,) = (package / "model" / "compiled").glob("*/compiled.json")
    content = json.loads(file.read_text("utf-8"))
    content["arrays"] = [str(outside.folder / "weights")]
    file.write_text(json.dumps(content), "utf-8")
    write_manifest(package, {"name": "people"})
    outside.touched()

    with pytest.raises(ModuleError, match="outside the scoring package"):
        load_package(package)
    assert outside.touched() == []


def test_consent_is_asked_for_once_and_again_when_the_content_changes(
    package: Path, outside: Outside, trained: Trained, tmp_path: Path
) -> None:
    data, scores = rows_file(tmp_path, trained), tmp_path / "scores.csv"
    _, reads = attacks(outside)["file"]
    change_plan(package, reads)

    def score(*more: str, workspace: str = "one") -> Result:
        words = ("score", package, "--data", data, "-o", scores)
        return designer(*words, "--workspace", tmp_path / workspace, *more)

    refused = score()
    assert (refused.exit_code, scores.exists()) == (2, False)
    assert "Hint: Allow it if you trust its author: --allow reads" in refused.stderr
    assert score("--allow", "writes").exit_code == 2
    # In a process of its own: this one remembers nothing of it.
    words = ("-m", "designer", "score", package, "--data", data, "-o", scores)
    allowed = run(*words, "--workspace", tmp_path / "one", "--allow", "reads")
    assert allowed.returncode == 0, allowed.stderr
    # The same content, now without being asked, and elsewhere too; another workspace asks.
    moved = package.rename(tmp_path / "moved")
    package = moved
    assert score().exit_code == 0
    assert score(workspace="two").exit_code == 2

    other = outside.folder / "other.csv"
    other.write_text("a\n1\n", "utf-8")
    plan = json.loads((package / "model" / "scoring.json").read_text("utf-8"))
    plan["steps"][0]["parameters"]["path"] = str(other)
    (package / "model" / "scoring.json").write_text(json.dumps(plan), "utf-8")
    write_manifest(package, {"name": "people"})
    again = score()
    assert again.exit_code == 2
    assert "other.csv" in again.stderr


def test_a_strangers_inference_pipeline_is_deployed_only_with_consent(
    scripted_packed: Packed, tmp_path: Path
) -> None:
    shutil.copytree(scripted_packed.package.folder, tmp_path / "package")
    file = tmp_path / "package" / "pipeline.pipeline.json"

    def write(*more: str) -> Result:
        words = ("deploy", file, "--name", "people", "--dry-run", "-o", made)
        return designer(*words, "--workspace", tmp_path / "workspace", *more)

    made = tmp_path / "made"
    refused = write()
    assert (refused.exit_code, made.exists()) == (2, False)
    assert "“double” (Execute Python Script) runs custom code" in refused.stderr
    assert "--allow code" in refused.stderr
    assert write("--allow", "code").exit_code == 0
    script = (made / "package" / "score.py").read_text("utf-8")
    assert "allowed=('code',)" in script
    assert "--allow code" in (made / "run.sh").read_text("utf-8")
    assert '"--allow", "code"' in (made / "package" / "Dockerfile").read_text("utf-8")


def test_a_strangers_inference_pipeline_takes_no_file_along(
    packed: Packed, outside: Outside, tmp_path: Path
) -> None:
    shutil.copytree(packed.package.folder, tmp_path / "package")
    file = tmp_path / "package" / "pipeline.pipeline.json"
    plain = json.loads(file.read_text("utf-8"))
    for node in plain["nodes"].values():
        if node["module"] == "saved_model":
            node["parameters"]["path"] = str(outside.folder)
    file.write_text(json.dumps(plain), "utf-8")
    outside.touched()

    words = (
        "-m",
        "designer",
        "deploy",
        file,
        "--name",
        "people",
        "--dry-run",
        "-o",
        tmp_path / "made",
    )
    done = run(*words, "--workspace", tmp_path / "workspace", HOME=str(tmp_path))

    assert done.returncode == 2
    assert f"reads the folder “{outside.folder}”" in done.stderr
    assert outside.touched() == []
