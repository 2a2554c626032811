"""Scoring packages: what is in them, that they stand alone, and what is refused."""

from __future__ import annotations

import functools
import json
import math
import os
import pickle
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving_examples import Trained, azure_request, change_json, same_scores

from designer.deployment.deploying import Packed, pack
from designer.deployment.texts.package_texts import dockerfile
from modules.contract.errors import ModuleError
from modules.endpoint.http_error import HttpError
from modules.endpoint.package import read_manifest, verify, write_manifest
from modules.endpoint.request_formats import read_request
from modules.endpoint.server import load_package
from modules.endpoint.service import Service, encode, parse
from modules.values.skops_import import import_skops

HEAVY = ("pandas", "sklearn", "skops", "scipy", "pyarrow")


@pytest.fixture
def copy(packed: Packed, tmp_path: Path) -> Path:
    """Return a copy of a compiled package, to be changed."""
    return shutil.copytree(packed.package.folder, tmp_path / "package")


def run(package: Path, *arguments: str, inside: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the endpoint's program, with the package's own code or the one installed here."""
    environment = os.environ | ({"PYTHONPATH": str(package)} if inside else {})
    return subprocess.run(
        [sys.executable, "-P", "-m", "modules.endpoint", str(package), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
    )


def test_a_package_has_all_that_a_server_needs(packed: Packed) -> None:
    folder = packed.package.folder
    manifest = verify(folder)

    assert packed.package.compiled
    assert manifest["compiled"] is True
    assert manifest["run"] == packed.run
    for name in (
        "score.py",
        "model/scoring.json",
        "model/compiled/program.json",
        "modules/scoring/__init__.py",
        "modules/endpoint/server.py",
        "pipeline.pipeline.json",
        "environment/conda.yml",
        "environment/requirements.txt",
        "Dockerfile",
        "sample_request.json",
        "openapi.json",
        "swagger.json",
    ):
        assert name in manifest["files"]
    unneeded = ("__pycache__", "/examples/")
    assert not [name for name in manifest["files"] if any(part in name for part in unneeded)]
    requirements = (folder / "environment/requirements.txt").read_text()
    assert "uvicorn==" in requirements
    assert "PySide6" not in requirements


def test_the_image_gets_the_system_packages_that_wheels_lack(packed: Packed) -> None:
    """LightGBM's wheel needs GNU OpenMP, which slim images don't have."""
    assert "apt-get" not in (packed.package.folder / "Dockerfile").read_text()
    lines = dockerfile((), ["lightgbm", "numpy"]).splitlines()
    assert lines[3].startswith("RUN apt-get update && apt-get install -y")
    assert " libgomp1 " in lines[3]
    assert lines[5] == "WORKDIR /package"


def test_equal_runs_give_equal_packages(packed: Packed, trained: Trained, tmp_path: Path) -> None:
    again = pack(trained.workspace, trained.file, tmp_path / "again", "people")

    assert read_manifest(again.package.folder) == read_manifest(packed.package.folder)


def test_the_pipeline_in_the_package_opens_and_packs_again(
    packed: Packed, trained: Trained, tmp_path: Path
) -> None:
    file = packed.package.folder / "pipeline.pipeline.json"

    again = pack(trained.workspace, file, tmp_path / "again", "people")

    service = Service(again.package.folder / "model")
    found = service.answer_document(azure_request(*trained.rows))
    assert same_scores(found["Results"]["output1"], trained.expected)


def test_the_entry_script_scores_without_tables_or_learners(
    packed: Packed, trained: Trained, tmp_path: Path
) -> None:
    """As Azure ML's server does it: another folder for models, another current folder."""
    models = tmp_path / "azureml-models" / "people" / "1"
    shutil.copytree(packed.package.folder / "model", models / "model")
    code = shutil.copytree(packed.package.folder, tmp_path / "code")
    shutil.rmtree(code / "model")
    program = """
import importlib.util, json, sys
place = importlib.util.spec_from_file_location("entry", sys.argv[1])
script = importlib.util.module_from_spec(place)
place.loader.exec_module(script)
script.init()
request = sys.stdin.read()
found = [script.run(request), script.run(json.loads(request)), script.run("{"), script.run("[]")]
print(json.dumps({"found": found, "modules": sorted(sys.modules)}))
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, str(code / "score.py")],
        input=json.dumps(azure_request(*trained.rows)),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"AZUREML_MODEL_DIR": str(models)},
        timeout=300,
    )

    said = json.loads(done.stdout)
    text, document, broken, empty = said["found"]
    assert same_scores(text["Results"]["output1"], trained.expected)
    assert document == text
    assert broken["error"]["code"] == "not-json"
    assert empty["error"]["code"] == "no-rows"
    assert not [name for name in HEAVY if name in said["modules"]]
    assert "designer" not in said["modules"]


def test_a_check_of_a_sound_package_succeeds(packed: Packed) -> None:
    done = run(packed.package.folder, "--check")

    assert (done.returncode, done.stderr) == (0, "")


def damage_value(package: Path) -> None:
    path = next((package / "model" / "compiled").rglob("*.npy"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (
            lambda p: (p / "model/scoring.json").unlink(),
            "The file “model/scoring.json” of the scoring package is missing",
        ),
        (damage_value, "is damaged or was changed"),
        (lambda p: (p / "modules/more.py").write_text("x"), "doesn't belong to the"),
        (lambda p: (p / "MANIFEST.json").unlink(), "isn't a scoring package"),
        (lambda p: (p / "MANIFEST.json").write_text("{"), "manifest of “package” can't be read"),
        (lambda p: (p / "MANIFEST.json").write_text("[" * 100000), "can't be read"),
        (
            lambda p: change_json(p / "MANIFEST.json", lambda m: m.update(format=99)),
            "has format 99",
        ),
    ],
)
def test_a_damaged_package_ends_in_a_sentence(
    copy: Path, harm: Callable[[Path], Any], sentence: str
) -> None:
    harm(copy)

    with pytest.raises(ModuleError, match=re.escape(sentence)):
        load_package(copy)
    if harm is damage_value:
        done = run(copy, "--no-key", inside=False)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.count("\n") == 1


class Trap:
    """Makes a file when it is built again from a pickle."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


def pickle_as_skops(path: Path, mark: Path) -> None:
    path.write_bytes(pickle.dumps(Trap(mark)))


def pickle_within_skops(path: Path, mark: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", pickle.dumps(Trap(mark)))


def another_type(path: Path, mark: Path) -> None:
    import_skops().dump(subprocess.Popen, path)


def a_call(path: Path, mark: Path) -> None:
    import_skops().dump(functools.partial(os.mkdir, str(mark)), path)


@pytest.mark.parametrize(
    ("trap", "sentence"),
    [
        (pickle_as_skops, "The stored model can't be read"),
        (pickle_within_skops, "The stored model can't be read"),
        (
            another_type,
            "The file contains the type “subprocess.Popen”, which its module doesn't declare",
        ),
        pytest.param(
            a_call,
            "The file contains the type “functools.partial”, which its module doesn't declare",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_stranger_with_a_sound_manifest_can_bring_no_types_of_his_own(
    scripted_packed: Packed, tmp_path: Path, trap: Callable[[Path, Path], None], sentence: str
) -> None:
    package = shutil.copytree(scripted_packed.package.folder, tmp_path / "package")
    mark = tmp_path / "was-here"
    found = list((package / "model").rglob("*.skops"))
    assert found
    for path in found:
        trap(path, mark)
    write_manifest(package, {"name": "people"})

    with pytest.raises(ModuleError, match=re.escape(sentence)):
        load_package(package, allowed={"code"})
    if trap is a_call:
        done = run(package, "--no-key", "--allow", "code", inside=False)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    assert not mark.exists()


def test_arrays_of_a_stranger_hold_no_pickles(copy: Path, tmp_path: Path) -> None:
    mark = tmp_path / "was-here"
    for path in (copy / "model" / "compiled").rglob("*.npy"):
        np.save(path, np.array([Trap(mark)], dtype=object), allow_pickle=True)
    write_manifest(copy, {"name": "people"})

    done = run(copy, "--no-key", inside=False)

    assert done.returncode == 1
    assert "The compiled model in “score” can't be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert not mark.exists()


def plan_of(**parts: Any) -> str:
    plan = {"format": 1, "inputs": {}, "outputs": {}, "parameters": {}, "steps": []}
    return json.dumps(plan | parts)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("compiled/program.json", "{"),
        ("compiled/program.json", '{"steps": [{"form": {"do": "import os"}}]}'),
        ("compiled/program.json", '{"steps": 3}'),
        ("compiled/program.json", "[" * 100_000),
        ("compiled/score/compiled.json", '{"format": 1, "form": "exec"}'),
        ("compiled/score/compiled.json", "[" * 100_000),
        ("scoring.json", "[" * 100_000),
        ("scoring.json", plan_of(steps=7)),
        ("scoring.json", plan_of(inputs=7)),
        ("scoring.json", plan_of(inputs={"input1": 7})),
        ("scoring.json", plan_of(steps=[{"module": "os"}])),
        ("scoring.json", plan_of(steps=[{"node": "a", "module": "os", "function": "getcwd"}])),
        ("samples.json", '{"input1": 7}'),
        ("samples.json", "[" * 100_000),
    ],
)
def test_a_sound_manifest_of_nonsense_ends_in_a_sentence(
    copy: Path, file: str, content: str
) -> None:
    (copy / "model" / file).write_text(content)
    write_manifest(copy, {"name": "people"})

    if (file, content[0]) == ("samples.json", "["):
        assert load_package(copy).compiled
        return
    with pytest.raises(ModuleError) as caught:
        load_package(copy)
    assert caught.value.message.endswith(".")


@pytest.mark.long
def test_a_strangers_code_runs_only_where_it_is_allowed(
    scripted_packed: Packed, scripted: Trained
) -> None:
    package = scripted_packed.package.folder

    refused = run(package, "--check", inside=False)
    allowed = run(package, "--check", "--allow", "code", inside=False)

    assert not scripted_packed.package.compiled
    assert any("double" in text for text in scripted_packed.messages)
    assert (refused.returncode, allowed.returncode) == (1, 0)
    assert "“double” (Execute Python Script) runs custom code" in refused.stderr
    service = Service(package / "model", {"code"})
    found = service.answer_document(azure_request(*scripted.rows))
    assert same_scores(found["Results"]["output1"], scripted.expected)


def test_keys_are_needed_and_kept_from_others(copy: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"primary": "long-enough-key"}))
    keys.chmod(0o644)

    without = run(copy)
    wide = run(copy, "--key-file", str(keys))
    keys.write_text("{}")
    keys.chmod(0o600)
    empty = run(copy, "--key-file", str(keys))

    assert [done.returncode for done in (without, wide, empty)] == [1, 1, 1]
    assert "doesn't have a key" in without.stderr
    if os.name == "posix":
        assert "Other users of this computer can read" in wide.stderr
    assert "doesn't contain any keys" in empty.stderr
    assert "long-enough-key" not in wide.stderr + empty.stderr


def test_wrong_arguments_end_with_status_2(copy: Path) -> None:
    assert run(copy, "--port", "99999").returncode == 2
    assert run(copy, "--patience", "0").returncode == 2
    assert run(copy, "--host", "no.such.host.invalid", "--no-key").returncode in (1, 2)


def test_listening_to_everybody_warns(copy: Path) -> None:
    options = ["--host", "0.0.0.0", "--port", "0", "--no-key"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "modules.endpoint", str(copy), *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        first, second = process.stderr.readline(), process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=300)

    assert "other computers can reach it" in first
    assert "aren't encrypted" in first
    assert "Ready at http://0.0.0.0:" in second
    assert process.returncode in (0, -15)


NAMES = ["Inputs", "input1", "data", "columns", "dataframe_split", "age", "GlobalParameters"]
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def service(packed: Packed) -> Service:
    return Service(packed.package.folder / "model")


def answered(answer: Callable[[], object]) -> int:
    """Return the status of an answer; anything but a error is an error of ours."""
    try:
        body = answer()
        if isinstance(body, bytes):
            json.loads(body, parse_constant=pytest.fail)
    except HttpError as error:
        assert json.loads(encode(error.to_json()))["error"]["message"]  # noqa: PT017
        return error.status
    return 200


@given(document=plain)
@settings(max_examples=6 * settings.default.max_examples)
def test_any_json_is_answered_or_refused(service: Service, document: Any) -> None:
    body = json.dumps(document).encode()

    assert answered(lambda: service.answer(body)) in (200, 400, 422)


@pytest.fixture(scope="module", params=["compiled", "tables", "unchecked", "unchecked tables"])
def any_service(
    request: pytest.FixtureRequest, packed: Packed, tmp_path_factory: pytest.TempPathFactory
) -> Service:
    """Return a service for each way of scoring, and for inputs of which nothing is known."""
    model = tmp_path_factory.mktemp("service") / "model"
    shutil.copytree(packed.package.folder / "model", model)
    if "tables" in request.param:
        shutil.rmtree(model / "compiled")
    if "unchecked" in request.param:
        change_json(
            model / "scoring.json", lambda plan: plan["inputs"]["input1"].update(columns=None)
        )
    return Service(model)


deep: list[Any] = []
for _ in range(500):
    deep = [deep]

VALUES = (
    None, True, 0, -1, 2**63, 10**400, 1.5, 1e308, math.nan, math.inf, "", "Oslo", "Osslo",
    "1.5", "NaN", "x" * 1000, "\ud800", "\x00", [], [1], {}, {"a": 1}, "2024-01-01", deep,
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")
@pytest.mark.parametrize("name", ["age", "price", "town", "member", "more", ""])
def test_no_value_is_a_failure_of_the_endpoint(
    any_service: Service, trained: Trained, name: str
) -> None:
    """A 500 would be the endpoint's fault; what is answered is JSON without NaN."""
    row = trained.rows[0]
    for value in VALUES:
        for rows in ([{**row, name: value}], [row, {**row, name: value}]):
            body = json.dumps(azure_request(*rows)).encode()
            assert answered(lambda: any_service.answer(body)) in (200, 400, 422)  # noqa: B023
    without = {key: value for key, value in row.items() if key != name}
    body = json.dumps(azure_request(without)).encode()
    assert answered(lambda: any_service.answer(body)) in (200, 422)


@given(body=st.binary(max_size=40))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    assert answered(lambda: parse(body)) in (200, 400)


def test_a_plain_list_does_not_say_which_of_several_inputs_it_is_for() -> None:
    with pytest.raises(HttpError, match="several inputs"):
        read_request([{"a": 1}], ["one", "two"])
    request = read_request({"Inputs": {"one": [], "two": []}}, ["one", "two"])
    assert request.respond({"x": [], "y": []}) == {"Results": {"x": [], "y": []}}


def test_reading_what_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match="isn't a scoring package"):
        verify(tmp_path)
