"""An inference pipeline as a model of MLflow, loaded and served by MLflow's own programs."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from serving_examples import Trained, changed, same_scores

from designer.deployment.deploying import Packed
from designer.tracking.model_folder import scoring_folder, written
from modules.contract.errors import ModuleError
from modules.scoring.mlflow_model import _load_pyfunc

LOADS = """
import json, sys
import mlflow.pyfunc
import pandas as pd

class NoDesigner:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "designer":
            raise ImportError("there is no designer here")

sys.meta_path.insert(0, NoDesigner())
model = mlflow.pyfunc.load_model(sys.argv[1])
rows = pd.DataFrame(json.load(sys.stdin))
found = [model.predict(rows), model.predict(rows.astype({"age": float}))]
found.append(model.predict(rows.assign(price=12)))
import modules
print(json.dumps([modules.__file__, *(frame.to_dict("records") for frame in found)]))
"""


@pytest.fixture(scope="module")
def model(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model in MLflow's form."""
    target = tmp_path_factory.mktemp("mlflow") / "model"
    with written(scoring_folder(packed.package.folder / "model")) as folder:
        shutil.copytree(folder, target)
    return target


@pytest.mark.long
def test_mlflow_loads_it_elsewhere_with_the_code_that_travels(
    model: Path, trained: Trained, tmp_path: Path
) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}

    done = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", LOADS, str(model)],
        input=json.dumps(trained.rows),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    code, plain, of_floats, of_whole = json.loads(done.stdout.splitlines()[-1])
    assert Path(code).is_relative_to(model)
    assert same_scores(plain, trained.expected)
    assert of_floats == plain
    assert len(of_whole) == len(plain)


def test_the_example_is_scored_by_mlflows_own_check(model: Path) -> None:
    import mlflow.models

    example = json.loads((model / "serving_input_example.json").read_text())

    answer = mlflow.models.validate_serving_input(str(model), json.dumps(example))

    assert len(answer) == len(example["dataframe_split"]["data"]) > 0


@pytest.fixture(scope="module")
def served(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of ``mlflow models serve``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # It starts uvicorn by its name.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-P", "-m", "mlflow", "models", "serve", "-m", str(model)]
    command += ["--port", str(port), "--env-manager", "local", "--workers", "1"]
    log = tmp_path_factory.mktemp("mlflow-serve") / "log.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdout=stream,
            stderr=stream,
            cwd=log.parent,
            env=environment | {"PATH": path},
            start_new_session=True,
        )
    try:
        while not listens(port):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
            assert process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, 15) if os.name == "posix" else process.terminate()
        process.wait(300)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def split(*rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataframe_split": {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}
    }


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="mlflow serves with uvicorn's processes")
def test_mlflow_models_serve_answers_and_refuses(served: str, trained: Trained) -> None:
    row = trained.rows[0]

    def ask(document: Any) -> httpx.Response:
        return httpx.post(served, json=document, trust_env=False, timeout=60)

    for document in (split(*trained.rows), {"dataframe_records": trained.rows}):
        answer = ask(document)
        assert answer.status_code == 200, answer.text
        assert same_scores(answer.json()["predictions"], trained.expected)
    for natural in (changed(row, age=float(row["age"])), changed(row, price=12)):
        assert ask(split(natural)).status_code == 200
    for wrong, said in (
        (changed(row, age=41.5), "“age” must be an integer, not 41.5"),
        (changed(row, age=None), "“age” doesn't have a value"),
        (changed(row, age="41"), "“age” must be an integer, not “41”"),
        (changed(row, member="false"), "“member” must be true or false, not “false”"),
        (changed(row, town="Osslo"), "Did you mean “Oslo”?"),
        ({key: value for key, value in row.items() if key != "price"}, "price"),
    ):
        answer = ask(split(wrong))
        assert answer.status_code == 400, answer.text
        assert said in answer.json()["message"]


def test_what_is_wrong_is_an_error_of_both_kinds(packed: Packed, trained: Trained) -> None:
    from mlflow.exceptions import MlflowException

    function = _load_pyfunc(str(packed.package.folder / "model"))

    with pytest.raises(ModuleError) as caught:
        function.predict(pd.DataFrame([changed(trained.rows[0], age=41.5)]))

    error = caught.value
    assert isinstance(error, MlflowException)
    assert (error.code, error.column, error.get_http_status_code()) == ("wrong-type", "age", 400)
    assert copy.copy(error).column == "age"
