"""What a fingerprint depends on."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.engine.fingerprints import (
    SourceDigests,
    _imports,
    _versions,
    canonical,
    digest,
    step_fingerprint,
)
from designer.engine.libraries import installed_version
from modules.contract.specification import specification

ROOT = Path(__file__).parents[2]


def test_a_fingerprint_changes_with_everything_that_decides_the_result(catalog):
    spec = catalog["add"]
    base = {"code": "c", "parameters": {"amount": 1}, "inputs": {"first": "k:x"}, "files": ["f"]}

    def of(**changes):
        return step_fingerprint(spec, **(base | changes))

    assert of() == of()
    assert of() != of(code="d")
    assert of() != of(parameters={"amount": 2})
    assert of() != of(inputs={"first": "k:y"})
    assert of() != of(inputs={"second": "k:x"})
    assert of() != of(files=["g"])
    assert of() != of(sample=100)
    other = step_fingerprint(catalog["halves"], **base)
    assert of() != other


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain))
def test_the_order_of_keys_does_not_matter(content):
    turned = dict(reversed(list(content.items())))
    assert canonical(turned) == canonical(content)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_parts_have_different_digests(first, second):
    assert (digest(*first) == digest(*second)) == (first == second)


@pytest.mark.parametrize(
    "statement",
    [
        "from pack.deep.helper import x",
        "import pack.deep.helper",
        "from pack.deep import helper",
        "from . import deep",
        "from .deep.helper import x",
        "def f():\n    from pack.deep import helper",
    ],
)
def test_the_source_of_what_a_module_imports_counts(tmp_path, statement):
    package = tmp_path / "pack"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "deep" / "__init__.py").write_text("from pack.deep import helper")
    (package / "deep" / "helper.py").write_text("x = 1")
    (package / "other.py").write_text("y = 1")
    (package / "main.py").write_text(statement)

    def found() -> str:
        return SourceDigests().closure(package / "main.py", "pack", {"pack": tmp_path})

    before = found()
    (package / "other.py").write_text("y = 2")
    assert found() == before
    (package / "deep" / "helper.py").write_text("x = 2")
    assert found() != before


@pytest.mark.parametrize(
    "statement",
    [
        "import json, helper as h",
        "if True: import helper",
        "x = 1; import helper",
        "from helper import (  # a list (of one)\n    x,  # its name, too\n)",
        "from helper \\\n    import x",
        "from . helper import x",
        "from.helper import(x)",
        "from helper import*",
        "\ufeffimport helper",
        "try:\r\n    import helper\r\nexcept ImportError:\r\n    pass",
        "match 1:\n    case 1: import helper",
    ],
)
def test_an_import_is_found_however_it_is_written(tmp_path, statement):
    compile(statement.encode(), "main.py", "exec")
    helper = tmp_path / "helper.py"
    helper.write_text("x = 1")
    (tmp_path / "main.py").write_bytes(statement.encode())

    def found() -> str:
        return SourceDigests().closure(tmp_path / "main.py", "", {"": tmp_path})

    before = found()
    helper.write_text("x = 2")
    assert found() != before


@pytest.mark.long
def test_every_import_is_found_that_python_itself_sees():
    """In the modules and in a part of Python's library, by Python's own parser."""
    library = Path(ast.__file__).parent
    folders = [ROOT / "modules", library / "asyncio", library / "email", library / "xml"]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 200
    for file in files:
        content = file.read_bytes()
        seen = set()
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Import):
                seen |= {(0, each.name) for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                start = node.module or ""
                seen.add((node.level, start))
                seen |= {
                    (node.level, f"{start}.{each.name}".lstrip("."))
                    for each in node.names
                    if each.name != "*"
                }
        assert seen <= _imports(content), file


def test_a_changed_source_is_noticed_by_the_same_digests(tmp_path):
    file = tmp_path / "one.py"
    digests = SourceDigests()
    file.write_text("x = 1")
    before = digests.closure(file, "", {"": tmp_path})
    assert digests.closure(file, "", {"": tmp_path}) == before
    file.write_text("x = 22")
    assert digests.closure(file, "", {"": tmp_path}) != before
    file.write_text("this is (not Python")
    assert digests.closure(file, "", {"": tmp_path}) != before


def test_the_version_of_a_plug_in_counts(tmp_path, monkeypatch):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "same.py").write_text(
        "from modules.contract import DataTable, module\n\n"
        "@module('Same', outputs=('dataset',))\n"
        "def same(dataset: DataTable) -> DataTable:\n"
        "    'Change nothing.'\n"
        "    return dataset\n"
    )
    info = tmp_path / "pack-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[modeldesk.modules]\nsame = pack.same\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    spec = specification(importlib.import_module("pack.same").same)

    def of(version: str) -> str:
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pack\nVersion: {version}\n")
        installed_version.cache_clear()
        _versions.cache_clear()
        return step_fingerprint(spec, "c", {}, {}, [])

    try:
        assert of("1.0") == of("1.0")
        assert of("1.0") != of("1.1")
    finally:
        installed_version.cache_clear()
        _versions.cache_clear()
        for name in ("pack.same", "pack"):
            sys.modules.pop(name, None)


def test_digest_keeps_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
