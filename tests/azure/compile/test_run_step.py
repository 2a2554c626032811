"""What starts the step program inside a job, and how a secret gets there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from compiled_jobs import run_in_shell, v1_commands, v2_commands
from hypothesis import given
from hypothesis import strategies as st

from designer.azure import run_step
from designer.azure.compile.compiling import TARGETS, compile_pipeline
from designer.azure.compile.describing import describe
from designer.azure.compile.step_ports import Reference
from designer.azure.compile.steps import Call, Step
from designer.azure.run_step import joined
from designer.azure.sdk_v1.arguments import step_arguments
from designer.catalog import load_catalog
from designer.pipeline.model import Pipeline

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(_texts, min_size=1, max_size=4), max_size=6))
def test_joined_puts_together_what_was_taken_apart(words: list[list[str]]) -> None:
    apart = []
    for word in words:
        if len(word) > 1 or word[0] == "--join":
            apart += ["--join", str(len(word))]
        apart += word
    assert joined(apart) == ["".join(word) for word in words]


def test_the_arguments_of_sdk_v1_are_the_words_of_the_call() -> None:
    call = Call(
        "n",
        "split_data",
        parameters="parameters",
        inputs={"dataset": "dataset"},
        outputs={"first": "first"},
        files={"path": ("path", "a b.csv")},
        values={"fraction": "part"},
        secrets=("db",),
    )
    arguments = step_arguments(Step("n", load_catalog()["split_data"], (call,)))
    assert arguments[:2] == ["--secret", "db"]
    spoken = [
        f"<{part.kind} {part.name}>" if isinstance(part, Reference) else part
        for part in arguments[2:]
    ]
    assert joined(spoken) == [
        "".join(f"<{p.kind} {p.name}>" if isinstance(p, Reference) else p for p in word)
        for word in call.arguments()
    ]


@pytest.fixture
def key_vault(tmp_path: Path) -> Path:
    """A folder with an azureml.core that knows one secret, for the path of a job."""
    package = tmp_path / "vault" / "azureml"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "core.py").write_text(_VAULT, "utf-8")
    return tmp_path / "vault"


@pytest.mark.parametrize("target", TARGETS)
def test_a_secret_comes_from_the_key_vault_into_the_process_only(
    target: str, build: Callable[..., Pipeline], key_vault: Path, tmp_path: Path, graph
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "signed.py").write_text(_SIGNED, "utf-8")
    pipeline = build({"signed": ("signed", {"key": {"$secret": "my_key"}})})
    description = describe(pipeline, load_catalog(own), base=tmp_path)
    folder = tmp_path / "compiled"
    compile_pipeline(description, target, folder)
    results = tmp_path / "results"
    if target == "azureml-v1":
        (command,) = v1_commands(folder, graph(folder), results)
    else:
        (command,) = v2_commands(folder, results)
    assert "--secret my_key" in command.line
    done = run_in_shell(command, folder / "snapshot", PYTHONPATH=str(key_vault))
    assert done.returncode == 0, done.stderr
    from modules.values import storage

    table = storage.load(results / "signed" / "dataset").frame
    assert table["length"].tolist() == [len("hush-hush-7")]
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(b"hush-hush-7" in content for content in kept) == 1  # the vault itself
    assert "hush-hush-7" not in done.stdout + done.stderr
    conda = yaml.safe_load((folder / "environment" / "conda.yml").read_text("utf-8"))
    names = {pin.partition("==")[0] for pin in conda["dependencies"][-1]["pip"]}
    assert "azureml-core" in names


def test_a_secret_that_the_vault_lacks_is_said(
    build: Callable[..., Pipeline], key_vault: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "signed.py").write_text(_SIGNED, "utf-8")
    pipeline = build({"signed": ("signed", {"key": {"$secret": "other"}})})
    description = describe(pipeline, load_catalog(own), base=tmp_path)
    compile_pipeline(description, "azureml-v2", tmp_path / "compiled")
    (command,) = v2_commands(tmp_path / "compiled", tmp_path / "results")
    code = tmp_path / "compiled" / "snapshot"
    # The keyring of this computer is none of the job's.
    hidden = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    done = run_in_shell(command, code, PYTHONPATH=str(key_vault), **hidden)
    assert done.returncode == 1
    assert "Secret “other” doesn't exist." in done.stderr


def test_describing_and_checking_import_no_sdk() -> None:
    names = (
        "azure.compile.compiling",
        "azure.compile.describing",
        "packaging.environment",
        "azure.sdk_v2",
    )
    code = "import sys; " + "".join(f"import designer.{name}; " for name in names)
    code += "print(sorted(n for n in sys.modules if n.partition('.')[0] in ('azureml', 'azure')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


_VAULT = """
class Run:
    @staticmethod
    def get_context():
        return Run()

    def get_secret(self, name):
        return {"my-key": "hush-hush-7"}.get(name)
"""

_SIGNED = '''
from typing import Annotated

from modules.contract import DataTable, Secret, module, secret


@module("Signed", outputs=("dataset",))
def signed(*, key: Annotated[str, Secret()] = "") -> DataTable:
    """Say how long a secret is."""
    import pandas as pd

    return DataTable(pd.DataFrame({"length": [len(secret(key))]}))
'''


def test_what_a_step_prints_can_be_read_while_it_runs(tmp_path: Path) -> None:
    shutil.copy(run_step.__file__, tmp_path / "run_step.py")
    package = tmp_path / "modules"
    package.mkdir()
    (package / "__init__.py").touch()
    # A step that prints, and then waits to be told that this was seen.
    (package / "step.py").write_text(
        "import sys\ndef main(words):\n    print('so far')\n    return int(sys.stdin.read())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "run_step.py", "name"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "so far\n"
        process.stdin.write("0")
        process.stdin.close()
    assert process.returncode == 0
