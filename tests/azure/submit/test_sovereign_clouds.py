"""A workspace in a cloud other than the public one: no request goes to the public one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from stand_in.service import Service

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

CHINA = {
    "core.windows.net": "core.chinacloudapi.cn",
    "westeurope.api.azureml.ms": "chinaeast2.api.ml.azure.cn",
}
GOVERNMENT = {
    "core.windows.net": "core.usgovcloudapi.net",
    "westeurope.api.azureml.ms": "usgovvirginia.api.ml.azure.us",
}
HOSTS = {
    "AzureChinaCloud": r"(\S+\.chinacloudapi\.cn|\S+\.azure\.cn)",
    "AzureUSGovernment": r"(\S+\.usgovcloudapi\.net|\S+\.azure\.us)",
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("target", "cloud", "words", "how"),
    [
        ("azureml-v1", "AzureChinaCloud", CHINA, "config"),
        ("azureml-v2", "AzureUSGovernment", GOVERNMENT, "option"),
        ("azureml-v1", "AzureUSGovernment", GOVERNMENT, "option"),
        ("azureml-v2", "AzureChinaCloud", CHINA, "config"),
    ],
)
@pytest.mark.usefixtures("signed_in")
def test_a_run_in_a_sovereign_cloud(
    target: str, cloud: str, words: dict[str, str], how: str, service: Service, tmp_path: Path
) -> None:
    service.cloud = words
    pipeline, _ = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": "a,b\n1,2\n"}, node_id="data"
    )
    write(pipeline, tmp_path / "small.pipeline.json")
    in_file = {"cloud": cloud} if how == "config" else {}
    (tmp_path / "config.json").write_text(json.dumps(service.config() | in_file))
    options = ["--cloud", cloud] if how == "option" else []
    result = CliRunner().invoke(
        main,
        [
            *("submit", str(tmp_path / "small.pipeline.json"), "--to", target, "--json"),
            *("--compute", "cpu-cluster", "--sign-in", "azure-cli", "--poll", "0.05"),
            *("--workspace", str(tmp_path / "workspace"), *options),
        ],
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["nodes"]["data"]["outputs"]["dataset"]["rows"] == 1
    hosts = {each.host for each in service.door.requests}
    assert all(re.fullmatch(HOSTS[cloud], host) for host in hosts), hosts
    asked = (tmp_path / "bin" / "asked.txt").read_text("utf-8")
    resources = set(re.findall(r"https://[\w.-]+", asked))
    assert resources
    assert all(re.fullmatch(HOSTS[cloud], each.removeprefix("https://")) for each in resources)
