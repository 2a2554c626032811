"""Consent to a script is consent to the content of the files that are linked to it."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from designer.catalog import load_catalog
from designer.engine.accesses import ALLOWED, Access, accesses, changed_nodes
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.parameters import set_parameter
from designer.trust import Trust
from designer.workspace import Workspace
from modules.contract import ModuleSpec, PathOf, module
from modules.contract.specification import specification
from modules.values import Files


@module("Script Files", outputs=("files",), requires=())
def script_files(
    *,
    path: Annotated[str, Field(title="Path"), PathOf("read", (".zip",))],
    label: Annotated[str, Field(title="Label")] = "",
) -> Files:
    """Read files for a script.

    Parameters
    ----------
    path : str
        Where they are.
    label : str
        Any text.

    Returns
    -------
    files : Files
        The files.
    """
    return Files(Path(path))


@module("Passed On", outputs=("files",), requires=())
def passed_on(files: Files) -> Files:
    """Return what is linked.

    Parameters
    ----------
    files : Files
        Any files.

    Returns
    -------
    files : Files
        The same.
    """
    return files


@pytest.fixture
def specs() -> Mapping[str, ModuleSpec]:
    own = {each.__name__: specification(each) for each in (script_files, passed_on)}
    return {**load_catalog(), **own}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    write(folder / "bundle.zip", "value = 1")
    return folder


def write(path: Path, code: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("helper.py", code)


def scripted(specs: Mapping[str, ModuleSpec], *between: str, **parameters: str) -> Pipeline:
    names = ["script_files", *(f"n{number}" for number in range(len(between))), "script"]
    modules = ["script_files", *between, "execute_python_script"]
    nodes = {name: Node(name, module) for name, module in zip(names, modules, strict=True)}
    nodes["script_files"] = replace(nodes["script_files"], parameters=parameters)
    ports = ["files"] * (len(names) - 2) + ["script_bundle"]
    links = tuple(
        Link(Endpoint(source, "files"), Endpoint(target, port))
        for source, target, port in zip(names, names[1:], ports, strict=False)
    )
    return Pipeline(nodes=nodes, links=links)


def code_of(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], base: Path, **more: object
) -> Access:
    workspace = Workspace(base.parent / "workspace")
    found = accesses(pipeline, specs, base, workspace, **more)  # type: ignore[arg-type]
    (access,) = [each for each in found if each.kind == "code"]
    return access


@pytest.mark.parametrize("between", [(), ("passed_on", "passed_on")], ids=["linked", "far above"])
def test_other_code_in_a_bundle_is_other_content(specs, base, between):
    pipeline = scripted(specs, *between, path="bundle.zip")
    agreed = code_of(pipeline, specs, base).digest
    assert code_of(pipeline, specs, base).digest == agreed
    state = (base / "bundle.zip").stat()
    write(base / "bundle.zip", "value = 2")
    # As a tool that keeps times does.
    os.utime(base / "bundle.zip", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert code_of(pipeline, specs, base).digest != agreed
    write(base / "bundle.zip", "value = 1")
    (base / "bundle.zip").rename(base / "other.zip")
    assert code_of(pipeline, specs, base).digest != agreed


def test_each_file_of_a_folder_counts(specs, base):
    (base / "code" / "deep").mkdir(parents=True)
    (base / "code" / "deep" / "helper.py").write_text("value = 1")
    pipeline = scripted(specs, path="code")
    agreed = code_of(pipeline, specs, base).digest
    (base / "code" / "more.py").write_text("")
    more = code_of(pipeline, specs, base).digest
    (base / "code" / "more.py").unlink()
    assert code_of(pipeline, specs, base).digest == agreed != more
    (base / "code" / "deep" / "helper.py").write_text("value = 2")
    assert code_of(pipeline, specs, base).digest != agreed


def test_another_link_or_parameter_above_is_other_content(specs, base):
    pipeline = scripted(specs, path="bundle.zip")
    found = {
        code_of(each, specs, base).digest
        for each in (
            pipeline,
            scripted(specs, "passed_on", path="bundle.zip"),
            scripted(specs, path="bundle.zip", label="x"),
            edits.disconnect(pipeline, pipeline.links[:1]),
        )
    }
    assert len(found) == 4


def test_it_is_named_where_the_code_comes_from(specs, base):
    pipeline = scripted(specs, path="bundle.zip")
    assert code_of(pipeline, specs, base).targets == (str(base / "bundle.zip"),)


def test_a_bundle_elsewhere_is_looked_at_only_after_consent_to_read_it(specs, base, tmp_path):
    write(tmp_path / "bundle.zip", "value = 1")
    pipeline = scripted(specs, path="../bundle.zip")
    before = code_of(pipeline, specs, base).digest
    write(tmp_path / "bundle.zip", "value = 2")
    assert code_of(pipeline, specs, base).digest == before
    workspace = Workspace(tmp_path / "workspace")
    (reading,) = [
        each for each in accesses(pipeline, specs, base, workspace) if each.kind == "read"
    ]
    Trust(workspace.folder).give(ALLOWED, reading.digest)
    known = code_of(pipeline, specs, base).digest
    assert known != before
    write(tmp_path / "bundle.zip", "value = 3")
    assert code_of(pipeline, specs, base).digest not in (known, before)


def test_a_registered_bundle_counts_by_its_content(specs, base, tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    pipeline = scripted(specs, path="dataset:Code")
    found = {code_of(pipeline, specs, base).digest}
    for code in ("value = 1", "value = 2"):
        write(base / "bundle.zip", code)
        if "Code" in workspace.datasets():
            workspace.dataset_store.remove("Code")
        workspace.register_dataset("Code", base / "bundle.zip")
        found.add(code_of(pipeline, specs, base).digest)
    assert len(found) == 3


def test_a_part_of_the_pipeline_has_the_same_content(specs, base):
    pipeline = scripted(specs, path="bundle.zip")
    script = pipeline.nodes["script"]
    alone = code_of(pipeline, specs, base, nodes=[script])
    assert alone == code_of(pipeline, specs, base)


def test_a_link_or_a_change_above_changes_what_a_script_does(specs, base):
    pipeline = scripted(specs, path="bundle.zip")
    apart = edits.disconnect(pipeline, pipeline.links[:1])
    other = set_parameter(pipeline, "script_files", "label", "x")
    assert "script" in changed_nodes(pipeline, apart, specs)
    assert "script" in changed_nodes(apart, pipeline, specs)
    assert "script" in changed_nodes(other, pipeline, specs)


def test_a_cycle_and_a_long_chain_end(specs, base):
    pipeline = scripted(specs, *["passed_on"] * 1_000, path="bundle.zip")
    agreed = code_of(pipeline, specs, base).digest
    write(base / "bundle.zip", "value = 2")
    assert code_of(pipeline, specs, base).digest != agreed
    first, last = pipeline.links[1], pipeline.links[-1]
    back = Link(last.source, first.source._replace(port="files"))
    assert code_of(replace(pipeline, links=(*pipeline.links[1:], back)), specs, base)


def test_the_folder_of_a_script_that_a_card_names_counts_by_its_content(tmp_path):
    base = tmp_path / "project"
    (base / "code").mkdir(parents=True)
    (base / "code" / "train.py").write_text("import helper\n")
    catalog = load_catalog()

    def digests(source: str) -> set[bytes]:
        parameters = {"source": source, "folder": "code"}
        pipeline, _ = edits.add_node(Pipeline(), "run_script", parameters=parameters)
        workspace = Workspace(tmp_path / "workspace")
        found = set()
        for text in ("value = 1", "value = 2"):
            (base / "code" / "helper.py").write_text(text)
            (code,) = accesses(pipeline, catalog, base, workspace)
            assert code.kind == "code"
            found.add(code.digest)
        return found

    assert len(digests("folder")) == 2
    # Without effect, the folder isn't part of it.
    assert len(digests("this card")) == 1
