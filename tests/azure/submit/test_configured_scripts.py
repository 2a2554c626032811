"""Run configurations on Azure ML: compiled without a network, run by the unmodified SDKs."""

from __future__ import annotations

import importlib.util
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from stand_in import metrics
from stand_in.service import Service

from designer.azure.errors import AzureError
from designer.azure.runs import submission
from designer.azure.runs.submission import SubmissionTarget
from designer.azure.scripts.compiled_script import compile_script
from designer.azure.scripts.configured_run import run_configured
from designer.azure.scripts.script_environment import imported
from designer.azure.workspace import WorkspaceConfig
from designer.cli.main import main
from designer.scripts.configuration import ScriptConfiguration
from designer.workspace import Workspace
from modules.values import storage

BOTH = pytest.mark.parametrize("target", submission.TARGETS)
ONE = pytest.mark.parametrize(
    "target", [pytest.param("azureml-v1", marks=pytest.mark.long), "azureml-v2"]
)

TRAIN = """\
import json, os, sys
from helper import answer
data, folder, *words = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "model.json"), "w", encoding="utf-8") as file:
    json.dump([open(data, encoding="utf-8").read(), words, answer], file)
print("trained")
"""
LOGS = """\
import mlflow
with mlflow.start_run():
    for step, value in enumerate((0.5, 0.75)):
        mlflow.log_metric("accuracy", value, step)
    mlflow.log_metrics({"loss": 0.125})
"""
WORDS = ["two words", 'a "quote"', "it's", "$HOME `x` \\", "中文"]


@pytest.fixture
def configuration(tmp_path: Path) -> ScriptConfiguration:
    folder = tmp_path / "my code"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "secret").write_text("x")
    (folder / "helper.py").write_text("answer = 42\n")
    (folder / "train.py").write_text(TRAIN, "utf-8")
    data = tmp_path / "data 数据.csv"
    data.write_text("a\n1\n", "utf-8")
    return ScriptConfiguration(
        folder / "train.py",
        ("${{inputs.data}}", "${{outputs.model}}", *WORDS),
        experiment="价格 model",
        inputs={"data": str(data)},
        outputs={"model": ""},
        timeout=3600.0,
    )


def on(target: str, config: WorkspaceConfig, compute: str = "cpu-cluster") -> SubmissionTarget:
    return SubmissionTarget(target, config, "training", compute, "azure-cli")


def submit_module(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location("submit", folder / "submit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_configuration_runs_as_a_job_with_its_data_and_output(
    target: str, configuration: ScriptConfiguration, config: WorkspaceConfig, workspace: Workspace
) -> None:
    lines: list[str] = []
    result = run_configured(
        configuration, on(target, config), workspace, on_line=lines.append, poll=0.05
    )
    assert result.status == "completed"
    assert "trained" in lines
    step = result.nodes["script"]
    stored = storage.load(step.outputs["model"].path)
    (file,) = [path for path in stored.folder.rglob("*") if path.is_file()]
    assert json.loads(file.read_text("utf-8")) == ["a\n1\n", WORDS, 42]
    assert step.log is not None
    assert "trained" in step.log.read_text("utf-8")
    record = workspace.run_record(result.id)
    assert record["azure"]["target"] == target
    assert record["data"]["data"]["hash"]


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_what_a_script_logs_on_azure_shows_in_the_list_of_runs(
    target: str, configuration: ScriptConfiguration, config: WorkspaceConfig, workspace: Workspace
) -> None:
    configuration.script.write_text(LOGS)
    logged = replace(configuration, outputs={}, arguments=())
    result = run_configured(logged, on(target, config), workspace, poll=0.05)
    assert result.status == "completed", result.nodes["script"].log.read_text()
    assert result.metrics == {"script": {"accuracy": 0.75, "loss": 0.125}}
    command = ["runs", "list", "--json", "--workspace", str(workspace.folder)]
    (row,) = json.loads(CliRunner().invoke(main, command).stdout)
    assert row["metrics"] == {"script.accuracy": 0.75, "script.loss": 0.125}


@pytest.mark.long
@pytest.mark.usefixtures("signed_in")
def test_a_run_whose_metrics_cannot_be_read_is_recorded_without_them(
    configuration: ScriptConfiguration,
    config: WorkspaceConfig,
    workspace: Workspace,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As where a firewall lets nothing through to MLflow.
    monkeypatch.setattr(metrics.route, "routes", [])
    configuration.script.write_text("print('done')")
    lines: list[str] = []
    quiet = replace(configuration, outputs={}, arguments=())
    target = on("azureml-v2", config)
    result = run_configured(quiet, target, workspace, on_line=lines.append, poll=0.05)
    service.door.unknown.clear()
    assert (result.status, result.metrics) == ("completed", {})
    assert any("The metrics can't be read from Azure ML." in line for line in lines)


@pytest.mark.long
@ONE
@pytest.mark.usefixtures("signed_in")
def test_a_script_that_fails_or_is_cancelled_is_a_run_with_the_reason(
    target: str, configuration: ScriptConfiguration, config: WorkspaceConfig, workspace: Workspace
) -> None:
    configuration.script.write_text("raise SystemExit(3)")
    failed = run_configured(configuration, on(target, config), workspace, poll=0.05)
    assert failed.status == "failed"
    assert failed.nodes["script"].error is not None
    configuration.script.write_text("print('nothing')")
    empty = run_configured(configuration, on(target, config), workspace, poll=0.05)
    assert "wrote nothing to its output “model”" in str(empty.nodes["script"].error)
    configuration.script.write_text("import time\nprint('begun', flush=True)\ntime.sleep(600)")
    cancel = threading.Event()
    ended = run_configured(
        configuration,
        on(target, config),
        workspace,
        on_line=lambda line: cancel.set(),
        cancel=cancel,
        poll=0.05,
    )
    assert ended.status == "cancelled"


@pytest.mark.usefixtures("signed_in")
def test_an_unknown_compute_is_said_before_anything_is_sent(
    configuration: ScriptConfiguration,
    config: WorkspaceConfig,
    workspace: Workspace,
    service: Service,
) -> None:
    with pytest.raises(AzureError, match="no compute target “none”"):
        run_configured(configuration, on("azureml-v2", config, "none"), workspace)
    assert not service.runs.all
    assert workspace.runs() == []


def test_the_files_of_v1_have_a_script_run_config_with_an_environment(
    configuration: ScriptConfiguration, workspace: Workspace, tmp_path: Path
) -> None:
    compile_script(configuration, workspace, "azureml-v1", tmp_path / "job", compute="gpu")
    found = submit_module(tmp_path / "job").configuration()
    assert found.script == "train.py"
    assert found.arguments == ["inputs/data/data 数据.csv", "outputs/model", *WORDS]
    assert found.run_config.target == "gpu"
    assert found.run_config.max_run_duration_seconds == 3600
    packages = found.run_config.environment.python.conda_dependencies.pip_packages
    assert any(each.startswith("pandas==") for each in packages)
    code = Path(found.source_directory)
    assert (code / "inputs/data/data 数据.csv").read_text("utf-8") == "a\n1\n"
    assert sorted(path.name for path in code.iterdir()) == ["helper.py", "inputs", "train.py"]


def test_the_files_of_v2_are_a_command_job_that_the_sdk_loads(
    configuration: ScriptConfiguration, workspace: Workspace, tmp_path: Path
) -> None:
    from azure.ai.ml import load_job

    compile_script(configuration, workspace, "azureml-v2", tmp_path / "job", compute="gpu")
    job: Any = load_job(tmp_path / "job" / "job.yml")
    assert job.type == "command"
    assert job.compute == "gpu"
    assert job.limits.timeout == 3600
    assert job.inputs["data"].type == "uri_file"
    assert job.outputs["model"].type == "uri_folder"
    assert '"${{inputs.data}}" "${{outputs.model}}"' in job.command
    document = yaml.safe_load((tmp_path / "job" / "job.yml").read_text("utf-8"))
    assert str(tmp_path) not in json.dumps(document)
    # Once more into the same folder, and not into one with other files.
    compile_script(configuration, workspace, "azureml-v1", tmp_path / "job")
    assert not (tmp_path / "job" / "job.yml").exists()


@pytest.mark.long
def test_data_on_azure_and_folders_that_the_script_names(
    configuration: ScriptConfiguration, workspace: Workspace, tmp_path: Path
) -> None:
    there = replace(
        configuration, inputs={"data": "azureml:prices:3"}, outputs={"model": "models/best"}
    )
    compile_script(there, workspace, "azureml-v2", tmp_path / "v2")
    document = yaml.safe_load((tmp_path / "v2" / "job.yml").read_text("utf-8"))
    assert document["inputs"] == {"data": {"type": "uri_folder", "path": "azureml:prices:3"}}
    assert document["command"].endswith('&& cp -r models/best/. "${{outputs.model}}"')
    assert "models/best" in document["command"].split("&&")[0]
    with pytest.raises(AzureError, match="keeps only what is written into outputs"):
        compile_script(there, workspace, "azureml-v1", tmp_path / "v1")
    compile_script(replace(there, outputs={"model": ""}), workspace, "azureml-v1", tmp_path / "v1")
    assert submit_module(tmp_path / "v1").DATA == {"${{inputs.data}}": ["prices", "3"]}
    assert not (tmp_path / "v2" / "inputs").exists()


def test_the_environment_is_what_the_script_imports_or_its_file(
    configuration: ScriptConfiguration, workspace: Workspace, tmp_path: Path
) -> None:
    (configuration.script.parent / "helper.py").write_text("import yaml, mlflow\nfrom . import x\n")
    assert imported(configuration.script) == ["PyYAML", "mlflow"]
    file = tmp_path / "requirements.txt"
    file.write_text("# mine\nscikit-learn==1.5.0\n\npandas>=2\n")
    own = replace(configuration, environment=str(file))
    compile_script(own, workspace, "azureml-v2", tmp_path / "job")
    conda = yaml.safe_load((tmp_path / "job" / "conda.yml").read_text("utf-8"))
    assert conda["dependencies"][-1] == {"pip": ["scikit-learn==1.5.0", "pandas>=2"]}


@ONE
def test_the_command_line_compiles_offline(
    target: str, configuration: ScriptConfiguration, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        main,
        [
            "script", "compile", str(configuration.script), "--to", target,
            "-o", str(tmp_path / "job"), "--workspace", str(tmp_path / "w"),
            "--compute", f"{target}:gpu", "--", "--rate", "0.1",
        ],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert (tmp_path / "job" / ("submit.py" if target == "azureml-v1" else "job.yml")).is_file()
