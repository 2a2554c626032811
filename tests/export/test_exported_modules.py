"""The script of every module of the palette stores the bytes that its step stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from exporting import Scripts, digests, exported

from diagonals import some  # isort: skip
from module_examples import PALETTE, inputs_for, parameters_for  # isort: skip

from designer.catalog import Catalog, load_catalog
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from modules.contract import ModuleSpec, PathOf
from modules.runtime.step import run_step
from modules.values.storage import load, save

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

STORED_VALUE = '''
"""A module of the user: what feeds the module under test."""

from pathlib import Path
from typing import Annotated

from modules.contract import AnyValue, PathOf, module
from modules.values.storage import load


@module("Stored Value", outputs=("value",))
def stored_value(*, path: Annotated[str, PathOf("read", folder=True)]) -> AnyValue:
    """Load a stored value.

    Parameters
    ----------
    path : str
        Its folder.

    Returns
    -------
    value : AnyValue
        The value.
    """
    return load(Path(path))
'''


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("own")
    (folder / "stored_value.py").write_text(STORED_VALUE, "utf-8")
    catalog = load_catalog(folder)
    assert not catalog.problems
    return catalog


# In make test, every third module is tried: one of them here, the next one in
# test_standalone_modules.
@pytest.mark.parametrize(
    "spec", some({id: spec for id, spec in PALETTE.items() if id not in WEB_SERVICE}, 6)
)
def test_the_script_gives_the_outputs_of_the_module(
    spec: ModuleSpec, catalog: Catalog, scripts: Scripts, tmp_path: Path
) -> None:
    nodes, links = {}, []
    for port, value in zip(spec.inputs, inputs_for(spec, tmp_path), strict=True):
        if value is None:
            continue
        save(value, tmp_path / "inputs" / port.name)
        source = f"kept_{port.name}"
        nodes[source] = Node(source, "stored_value", parameters={"path": f"inputs/{port.name}"})
        links.append(Link(Endpoint(source, "value"), Endpoint("module", port.name)))
    parameters = parameters_for(spec, tmp_path)
    relative = dict(parameters)
    written = []
    for parameter in spec.parameters:
        if isinstance(parameter.marker, PathOf) and parameter.name in parameters:
            relative[parameter.name] = os.path.relpath(parameters[parameter.name], tmp_path)
            if parameter.marker.mode == "write":
                written.append(Path(parameters[parameter.name]))
    nodes["module"] = Node("module", spec.id, version=spec.version, parameters=relative)
    script = exported(Pipeline(nodes=nodes, links=tuple(links)), tmp_path, catalog=catalog)
    (tmp_path / "script.py").write_text(script.text, "utf-8")
    (tmp_path / "clean").mkdir()
    printed = scripts.run(
        tmp_path / "script.py", "--results", "results", folder=tmp_path / "clean", forked=True
    )
    contents = [path.read_bytes() for path in written]

    connected = [link.target.port for link in links]
    inputs = {port: load(tmp_path / "inputs" / port) for port in connected}
    outputs = run_step(spec, parameters, inputs, threads=1)
    names = {end.port: name for name, end in script.results.items() if end.node == "module"}
    for port in spec.outputs:
        results = tmp_path / "clean" / "results" / names[port.name]
        if port.name in outputs:
            save(outputs[port.name], tmp_path / "expected" / port.name)
            metrics = getattr(outputs[port.name], "metrics", {})
            assert all(metric in printed for metric in metrics)
            assert digests(results) == digests(tmp_path / "expected" / port.name)
        else:
            assert not results.exists()
    assert [path.read_bytes() for path in written] == contents
    assert outputs or contents
