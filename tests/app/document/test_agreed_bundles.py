"""Files that are linked to a script: agreed to when the user links them, gone when they change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.parameters import set_parameter
from designer.workspace import Workspace
from modules.contract import ModuleSpec, PathOf, module
from modules.contract.specification import specification
from modules.values import Files

SCRIPT, FILES = "execute_python_script", "script_files"
LINK = Endpoint(FILES, "files"), Endpoint(SCRIPT, "script_bundle")


@module("Script Files", outputs=("files",), requires=())
def script_files(*, path: Annotated[str, Field(title="Path"), PathOf("read", (".py",))]) -> Files:
    """Read files for a script.

    Parameters
    ----------
    path : str
        Where they are.

    Returns
    -------
    files : Files
        The files.
    """
    return Files(Path(path))


@pytest.fixture
def specs() -> Mapping[str, ModuleSpec]:
    return {**load_catalog(), FILES: specification(script_files)}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("helper.py", "other.py"):
        (folder / name).write_text(f"# {name}", "utf-8")
    return folder


def missing(agreements: Agreements, document: Document) -> list[tuple[str, str]]:
    found = agreements.missing(document.pipeline, document.base)
    return [(access.node, access.kind) for access in found]


def test_what_the_user_links_is_agreed_to_until_it_changes(qapp, specs, project, tmp_path) -> None:
    document = Document(specs)
    agreements = Agreements(document, specs, Workspace(tmp_path / "workspace"))
    document.save(project / "own.pipeline.json")
    for text, edit in (
        ("script", lambda p: edits.add_node(p, SCRIPT)[0]),
        ("files", lambda p: edits.add_node(p, FILES, parameters={"path": "helper.py"})[0]),
        ("link", lambda p: edits.connect(p, *LINK)),
        ("path", lambda p: set_parameter(p, FILES, "path", "other.py")),
        ("no link", lambda p: edits.disconnect(p, p.links)),
        ("link again", lambda p: edits.connect(p, *LINK)),
    ):
        document.apply(text, edit)
        assert missing(agreements, document) == [], text
    assert agreements.may_look(SCRIPT)
    agreements.saved()

    (project / "other.py").write_text("# from somebody else", "utf-8")
    assert missing(agreements, document) == [(SCRIPT, "code")]
    assert not agreements.may_look(SCRIPT)
    # No edit elsewhere agrees to it, and saving doesn't either.
    document.apply("comment", lambda p: edits.set_comment(p, FILES, "Mine"))
    agreements.saved()
    assert missing(agreements, document) == [(SCRIPT, "code")]
    agreements.allow(agreements.missing(document.pipeline, document.base))
    agreements.forget()
    assert missing(agreements, document) == []


def test_a_strangers_script_is_not_agreed_to_by_linking_own_files(
    qapp, specs, project, tmp_path
) -> None:
    pipeline, _ = edits.add_node(Pipeline(), SCRIPT, parameters={"script": "import x"})
    write(pipeline, project / "strange.pipeline.json")
    document = Document(specs)
    agreements = Agreements(document, specs, Workspace(tmp_path / "workspace"))
    document.open(project / "strange.pipeline.json")
    document.apply("files", lambda p: edits.add_node(p, FILES, parameters={"path": "helper.py"})[0])
    document.apply("link", lambda p: edits.connect(p, *LINK))
    assert missing(agreements, document) == [(SCRIPT, "code")]
