"""The files of deployments to containers and Azure, held against Azure's own SDKs."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from serving_examples import Trained

from designer.deployment import ServingError
from designer.deployment.dry_run import DryRun, write_deployment
from designer.deployment.steps import FILE_STEPS
from designer.deployment.targets import find_target, options_by_name, parse_options, targets
from modules.endpoint.package import verify

WORKSPACE = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}

Write = Callable[[str], DryRun]


@pytest.fixture(scope="module")
def write(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Return a function that writes the files for a target, once; tests only read them."""
    folder = tmp_path_factory.mktemp("written")

    @functools.cache
    def make(target: str) -> DryRun:
        return write_deployment(trained.workspace, trained.file, "people", target, folder / target)

    return make


@pytest.mark.parametrize("target", targets())
def test_every_target_has_the_whole_package_and_says_how_to_go_on(
    write: Write, target: str
) -> None:
    made = write(target)

    verify(made.folder / "package")
    assert all((made.folder / path).exists() for path in made.files)
    assert "people" in (made.folder / "README.txt").read_text()
    for script in made.folder.glob("*.py"):
        compile(script.read_text("utf-8"), script.name, "exec")
    for script in made.folder.glob("*.sh"):
        assert subprocess.run(["sh", "-n", str(script)]).returncode == 0


def test_azures_own_reader_takes_the_files_of_a_managed_endpoint(write: Write) -> None:
    ml = pytest.importorskip("azure.ai.ml")
    folder = write("managed").folder

    endpoint = ml.load_online_endpoint(folder / "endpoint.yml")
    deployment = ml.load_online_deployment(folder / "deployment.yml")

    assert (endpoint.name, endpoint.auth_mode) == ("people", "key")
    assert (deployment.endpoint_name, deployment.instance_count) == ("people", 1)
    code = Path(deployment.code_configuration.code)
    assert (folder / code / deployment.code_configuration.scoring_script).is_file()
    assert Path(deployment.model.path).joinpath("scoring.json").is_file()
    conda = deployment.environment.conda_file
    assert any("azureml-inference-server-http" in str(each) for each in conda["dependencies"])


@pytest.mark.parametrize("target", ["aci", "aks"])
def test_azures_older_sdk_takes_the_environment_and_configuration(
    write: Write, target: str
) -> None:
    core = pytest.importorskip("azureml.core")
    from azureml.core.model import InferenceConfig

    folder = write(target).folder
    plain = json.loads((folder / "inference_config.json").read_text())
    conda = folder / plain["environment"]["condaFile"]

    environment = core.Environment.from_conda_specification("people", str(conda))
    InferenceConfig(
        entry_script=plain["entryScript"],
        source_directory=str(folder / plain["sourceDirectory"]),
        environment=environment,
    )
    settings = json.loads((folder / "deployment_config.json").read_text())
    assert settings["computeType"] == target.upper()
    assert settings["authEnabled"] is True


def test_the_container_listens_to_this_computer_and_takes_its_key_from_outside(
    write: Write,
) -> None:
    folder = write("docker").folder

    service = yaml.safe_load((folder / "compose.yaml").read_text())["services"]["people"]
    assert service["ports"] == ["127.0.0.1:5001:5001"]
    assert service["environment"]["MODELDESK_ENDPOINT_KEY"].startswith("${")
    assert '"0.0.0.0"' in (folder / "package" / "Dockerfile").read_text()


@pytest.mark.long
def test_what_is_asked_for_is_in_the_files(trained: Trained, tmp_path: Path) -> None:
    def written(target: str, **options: Any) -> Path:
        folder = tmp_path / target
        write_deployment(trained.workspace, trained.file, "people", target, folder, options=options)
        return folder

    managed = yaml.safe_load(
        (
            written("managed", instances=3, instance_type="Standard_F4s_v2") / "deployment.yml"
        ).read_text()
    )
    aks = written("aks", cores=0.5, memory=1.5, instances=2, cluster="my-cluster")
    settings = json.loads((aks / "deployment_config.json").read_text())
    docker = yaml.safe_load((written("docker", port=8080, cores=2) / "compose.yaml").read_text())

    assert (managed["instance_type"], managed["instance_count"]) == ("Standard_F4s_v2", 3)
    assert settings["containerResourceRequirements"] == {"cpu": 0.5, "memoryInGB": 1.5}
    assert settings["numReplicas"] == 2
    assert 'AksCompute(workspace, "my-cluster")' in (aks / "deploy.py").read_text()
    service = docker["services"]["people"]
    assert (service["ports"], service["cpus"]) == (["127.0.0.1:8080:5001"], 2)


@pytest.mark.parametrize(
    ("target", "name", "value", "sentence"),
    [
        ("docker", "cores", 0, "Cores must be a number from 0.1 to 128 cores, not 0"),
        ("docker", "cores", float("nan"), "Cores must be"),
        ("docker", "cores", "2", "Cores must be"),
        ("docker", "memory", -1, "Memory must be a number from 0.1 to 4096 GB, not -1"),
        ("aks", "instances", 0, "Instances must be an integer from 1 to 500, not 0"),
        ("aks", "instances", 1.5, "Instances must be an integer"),
        ("managed", "instance_type", "big", "“big” isn't an Azure VM size"),
        ("aks", "cluster", "a/b", "“a/b” can't be the name of a cluster"),
        ("local", "port", 70_000, "Port must be an integer from 1 to 65535"),
        ("aci", "sign_in", "password", "“password” isn't a way to sign in"),
        ("aci", "config", "none.json", "“none.json” can't be read"),
    ],
)
def test_a_value_that_the_target_can_not_use_is_refused(
    target: str, name: str, value: Any, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(WORKSPACE))
    sound = {"config": tmp_path, "cluster": "mine"}
    names = options_by_name([find_target(target)])
    given = {each: it for each, it in sound.items() if each in names} | {name: value}

    with pytest.raises(ServingError, match=sentence) as caught:
        parse_options(find_target(target), given)
    assert caught.value.option == name


def test_an_option_that_would_be_ignored_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(WORKSPACE))
    values: dict[str, Any] = {
        "cores": 2.0,
        "memory": 4.0,
        "instances": 2,
        "instance_type": "Standard_F2s_v2",
        "cluster": "mine",
        "config": tmp_path,
        "port": 5050,
        "record": 0.5,
        "keep_days": 7,
        "leave_out": "name",
        "sign_in": "azure-cli",
        "cloud": "AzureCloud",
    }
    assert set(values) == set(options_by_name(targets().values()))
    for target in targets().values():
        used = options_by_name([target])
        given = {name: value for name, value in values.items() if name in used}
        assert parse_options(target, given) == given
        for name in set(values) - set(used):
            with pytest.raises(ServingError, match="doesn't support the option") as caught:
                parse_options(target, given | {name: values[name]})
            assert caught.value.hint.startswith("Use it with ")
    with pytest.raises(ServingError, match="There is no target “azure”"):
        find_target("azure")


@pytest.mark.parametrize(
    ("target", "missing"), [("aci", "config"), ("aks", "cluster"), ("managed", "config")]
)
def test_what_deploying_requires_the_files_do_not(
    target: str, missing: str, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(WORKSPACE))
    given = {"config": tmp_path} if missing != "config" else {}

    with pytest.raises(ServingError, match="is missing") as caught:
        parse_options(find_target(target), given)
    assert caught.value.option == missing
    assert parse_options(find_target(target), given, files=True)[missing] is None


def test_a_folder_that_holds_something_is_not_written_into(
    trained: Trained, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("x")

    with pytest.raises(ServingError, match="isn't empty"):
        write_deployment(trained.workspace, trained.file, "people", "docker", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_code_that_consumes_an_endpoint_in_python_runs(tmp_path: Path) -> None:
    from designer.deployment.texts.consume import LANGUAGES, consume_code

    sample = '{"Inputs": {"input1": [{"a": "it\'s \\"x\\"", "b": null}]}}'
    found = {name: consume_code(name, "http://127.0.0.1:9/score", sample) for name in LANGUAGES}

    assert all("ENDPOINT_KEY" in code for code in found.values())
    compile(found["python"], "consume.py", "exec")
    (tmp_path / "consume.sh").write_text(found["curl"])
    assert subprocess.run(["sh", "-n", str(tmp_path / "consume.sh")]).returncode == 0
    with_key = consume_code("python", "http://127.0.0.1:9/score", sample, key="my-own-key")
    assert "my-own-key" in with_key


def test_it_tells_its_steps_in_their_order(trained: Trained, tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []

    write_deployment(
        trained.workspace,
        trained.file,
        "people",
        "managed",
        tmp_path / "files",
        on_step=lambda step, status, text: told.append((step, status)),
    )

    expected = [(step, status) for step in FILE_STEPS for status in ("running", "completed")]
    assert told == expected


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("last", ["entry-script", "files"])
def test_a_folder_is_left_as_it_was_when_it_is_ended(
    exists: bool, last: str, trained: Trained, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    if exists:
        folder.mkdir()

    def on_step(step: str, status: str, text: str) -> None:
        if (step, status) == (last, "running" if last != "files" else "completed"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_deployment(
            trained.workspace, trained.file, "people", "managed", folder, on_step=on_step
        )

    assert folder.exists() == exists
    assert not exists or list(folder.iterdir()) == []
