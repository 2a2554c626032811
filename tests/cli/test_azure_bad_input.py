"""Whatever is wrong, ``submit`` and ``compile`` say it in a sentence and send nothing."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parents[1] / "azure" / "service"))

from stand_in import azure_cli
from stand_in.certificates import Authority
from stand_in.fixtures import cluster, peers, service
from stand_in.service import Service

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Pipeline

__all__ = ["cluster", "peers", "service"]

CANARY = "canary-1f6e0d"
BOTH = pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
ONE = pytest.mark.parametrize(
    "target", ["azureml-v1", pytest.param("azureml-v2", marks=pytest.mark.long)]
)
"""Both, of which ``make test`` tries one: they raise the same."""


@dataclass
class Person:
    """What a person has: a pipeline, a config.json, a sign-in, and the two commands."""

    folder: Path
    file: Path
    service: Service
    patch: pytest.MonkeyPatch
    options: list[str] = field(default_factory=list)
    compute: str = "cpu-cluster"
    sign_in: str = "azure-cli"

    @property
    def config(self) -> Path:
        return self.folder / "config.json"

    def change(self, edit: Callable[[Pipeline], Pipeline]) -> None:
        write(edit(read(self.file)), self.file)

    def set_path(self, path: str) -> None:
        self.change(lambda pipeline: edits.set_parameter(pipeline, "dataset", "path", path))

    def submit(self, target: str) -> Result:
        compute = ["--compute", self.compute] if self.compute else []
        command = ["submit", str(self.file), "--to", target, "--sign-in", self.sign_in, *compute]
        workspace = ["--workspace", str(self.folder / "workspace")]
        return CliRunner().invoke(main, [*command, *workspace, *self.options])

    def compile(self, target: str) -> Result:
        out = ["-o", str(self.folder / "out")]
        command = ["compile", str(self.file), "--to", target, *out]
        workspace = ["--workspace", str(self.folder / "workspace")]
        return CliRunner().invoke(main, [*command, *workspace, *self.options])

    def refused(self, result: Result, message: str, hint: str) -> None:
        """Check what a person sees, what was sent, and what was kept."""
        said = result.stderr
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert "Traceback" not in said
        assert message in said
        assert hint in said
        # A sentence, and what to do: the line that begins so, and at most one more each.
        assert all(
            re.match(r"Error: |Hint: |    |Usage: |Try ", line) for line in said.splitlines()
        )
        # Azure was asked at most; nothing was begun there or here.
        requests = [each for each in self.service.door.requests if "/token" not in each.path]
        assert {each.method for each in requests} <= {"GET"}
        assert not self.service.runs.all
        assert not list((self.folder / "workspace").glob("runs/*"))
        assert not (self.folder / "out").exists()
        kept = [said, *_texts(self.folder / "workspace"), *_texts(self.folder / "home")]
        for secret in (CANARY, *self.service.tokens):
            assert not any(secret in text for text in kept)


def _texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_text("utf-8", "replace")


@pytest.fixture
def person(
    service: Service,
    peers: list[str],
    small: tuple[Pipeline, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Person:
    monkeypatch.setenv("PATH", azure_cli.install(service, tmp_path / "bin"))
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("MODELDESK_SECRET_DB", CANARY)
    made = Person(tmp_path, small[1], service, monkeypatch)
    made.config.write_text(json.dumps(service.config() | {"key": CANARY}))
    return made


# The network, and the sign-in.


@ONE
def test_no_network(target: str, person: Person) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        # Nobody listens at this port of this computer.
        person.patch.setenv(name, f"http://me:{CANARY}@127.0.0.1:9")
    message = "The proxy “127.0.0.1:9” can't be reached."
    person.refused(person.submit(target), message, "Check HTTPS_PROXY")


@ONE
def test_a_certificate_of_somebody_else(target: str, person: Person) -> None:
    other = Authority(person.folder)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        person.patch.setenv(name, str(other.file))
    # SDK v1 drops the name of the host.
    message = "can't be verified."
    person.refused(person.submit(target), message, "set REQUESTS_CA_BUNDLE")


def expired(person: Person) -> None:
    person.patch.setenv("PATH", azure_cli.install_signed_out(person.folder / "bin"))


def refused_token(person: Person) -> None:
    person.service.tokens.clear()


def no_variables(person: Person) -> None:
    person.sign_in = "environment"
    person.patch.setenv("AZURE_CLIENT_SECRET", CANARY)


@ONE
@pytest.mark.parametrize(
    ("happen", "hint"),
    [
        (expired, "Run “az login”"),
        (refused_token, "Run “az login”"),
        (no_variables, "Check AZURE_TENANT_ID"),
    ],
)
def test_expired_sign_in(
    target: str, happen: Callable[[Person], None], hint: str, person: Person
) -> None:
    happen(person)
    person.refused(person.submit(target), "The sign-in failed or has expired.", hint)


# The workspace, and its computes.

FIELDS = {"subscription_id": "s", "resource_group": "g", "workspace_name": "n"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read: No such file"),
        ("{", "isn't JSON"),
        ("\0\x01", "isn't JSON"),
        ("[]", "has no “subscription_id”"),
        *(
            (json.dumps({**FIELDS, name: value}), f"has no “{name}”")
            for name in FIELDS
            for value in (None, "", 7)
        ),
        *(
            (
                json.dumps({key: text for key, text in FIELDS.items() if key != name}),
                f"has no “{name}”",
            )
            for name in FIELDS
        ),
    ],
)
def test_wrong_config(content: str | None, message: str, person: Person) -> None:
    if content is None:
        person.config.unlink()
    else:
        person.config.write_text(content)
    person.options = ["--config", str(person.config)]
    result = person.submit("azureml-v2")
    person.refused(result, message, "Download config.json from the page of the workspace")
    assert not person.service.door.requests


@ONE
@pytest.mark.parametrize("name", FIELDS)
def test_a_config_of_a_workspace_that_is_not_there(target: str, name: str, person: Person) -> None:
    wrong = "99999999-9999-9999-9999-999999999999" if "id" in name else "elsewhere"
    person.config.write_text(json.dumps(person.service.config() | {name: wrong}))
    person.refused(person.submit(target), "There is no workspace “", "config.json")


def unknown(person: Person) -> None:
    person.compute = "gpu-cluster"


def unknown_of_a_node(person: Person) -> None:
    def change(pipeline: Pipeline) -> Pipeline:
        node = replace(pipeline.nodes["split_data"], extra={"azure": {"compute": "gpu-cluster"}})
        return replace(pipeline, nodes={**pipeline.nodes, "split_data": node})

    person.change(change)


@ONE
@pytest.mark.parametrize("happen", [unknown, unknown_of_a_node])
def test_unknown_compute(target: str, happen: Callable[[Person], None], person: Person) -> None:
    happen(person)
    message = "The workspace “desk” has no compute target “gpu-cluster”."
    person.refused(person.submit(target), message, "It has: cpu-cluster, other-cluster.")


@BOTH
def test_no_compute_is_chosen(target: str, person: Person) -> None:
    person.compute = ""
    result = person.submit(target)
    person.refused(result, "No compute target is selected.", "It has: cpu-cluster, other-cluster.")


# The pipeline. What is wrong with it is told before Azure is asked for anything.


def on_this_computer(person: Person) -> None:
    person.change(
        lambda pipeline: edits.add_node(
            pipeline, "import_data",
            parameters={"source": "database", "connection": "sqlite:///a.db", "query": "select 1"},
            node_id="rows",
        )[0]
    )  # fmt: skip


def out_of_range(person: Person) -> None:
    person.change(lambda pipeline: edits.set_parameter(pipeline, "split_data", "fraction", 7))


def unknown_module(person: Person) -> None:
    text = person.file.read_text("utf-8")
    person.file.write_text(text.replace('"split_data", "version"', '"magic", "version"'), "utf-8")


def nothing_to_run(person: Person) -> None:
    person.change(lambda pipeline: edits.set_disabled(pipeline, list(pipeline.nodes), True))


def not_json(person: Person) -> None:
    person.file.write_text("{", "utf-8")


def bad_value(person: Person) -> None:
    person.options = ["--param", "nobody=1"]


def bad_dataset(person: Person) -> None:
    person.options = ["--dataset", "sales=here.csv"]


PIPELINES: dict[Callable[[Person], None] | str, tuple[str, str]] = {
    "gone.csv": ("there is no file “gone.csv”", "    "),
    "dataset:nobody": ("nobody", "    "),
    "azureml:a b": ("isn't data in Azure ML", "Write azureml:NAME:VERSION"),
    "http://localhost:8000/x.csv": ("which a job on Azure can't reach", "Choose a file"),
    on_this_computer: ("which a job on Azure can't reach", "an address that Azure can reach"),
    out_of_range: ("split_data.fraction: ", "1"),
    unknown_module: ("magic", "    "),
    nothing_to_run: ("There is nothing to run", "enable a module"),
    not_json: ("small.pipeline.json", "Hint: "),
    bad_value: ("no parameter “nobody”", ""),
    bad_dataset: ("doesn't map a dataset to a dataset registered", "NAME=azureml:NAME:VERSION"),
}


# Found before an SDK is used: in make test, each command refuses it for one of them.
@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("submit", "azureml-v1"),
        ("compile", "azureml-v2"),
        pytest.param("submit", "azureml-v2", marks=pytest.mark.long),
        pytest.param("compile", "azureml-v1", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize(
    ("happen", "message", "hint"),
    [(happen, *said) for happen, said in PIPELINES.items()],
    ids=[each if isinstance(each, str) else each.__name__ for each in PIPELINES],
)
def test_a_pipeline_with_problems(
    target: str,
    command: str,
    happen: Callable[[Person], None] | str,
    message: str,
    hint: str,
    person: Person,
) -> None:
    if isinstance(happen, str):
        person.set_path(happen)
    else:
        happen(person)
    person.refused(getattr(person, command)(target), message, hint)
    assert not person.service.door.requests


def test_no_pipeline_at_all(person: Person) -> None:
    person.file = person.folder / "gone.pipeline.json"
    person.refused(person.compile("azureml-v1"), "gone.pipeline.json", "")
    person.refused(person.submit("azureml-v1"), "gone.pipeline.json", "")


# The SDK.

NAMES = {"azureml-v1": ("azureml-core", "azureml-pipeline-core"), "azureml-v2": ("azure-ai-ml",)}


@pytest.mark.parametrize("command", ["submit", "compile"])
@pytest.mark.parametrize(
    ("target", "name"), [(target, name) for target, names in NAMES.items() for name in names]
)
@pytest.mark.parametrize("installed", [None, "1.0.85"], ids=["missing", "downgraded"])
def test_an_sdk_that_is_missing_or_was_downgraded(
    target: str, name: str, installed: str | None, command: str, person: Person
) -> None:
    if installed is None:
        real = metadata.version

        def version(distribution: str) -> str:
            if distribution == name:
                raise metadata.PackageNotFoundError(distribution)
            return real(distribution)

        person.patch.setattr("designer.azure.compile.problems.version", version)
        message = f"{name} isn't installed"
    else:
        # Stands before the real one on the path, as a broken installation would.
        folder = person.folder / "site" / f"{name.replace('-', '_')}-{installed}.dist-info"
        folder.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {installed}\n"
        (folder / "METADATA").write_text(text)
        person.patch.syspath_prepend(str(folder.parent))
        message = f"{name} {installed} is too old"
    person.refused(getattr(person, command)(target), message, "pip install --upgrade ")
    assert not person.service.door.requests
