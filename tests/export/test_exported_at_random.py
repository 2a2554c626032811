"""Random pipelines export to code that compiles, runs, and gives what the modules give."""

from __future__ import annotations

import ast
import keyword
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from exporting import CATALOG, exported
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from same_values import assert_same  # isort: skip

from designer.export import TARGETS
from designer.pipeline.model import (
    Endpoint,
    Group,
    Link,
    Node,
    Note,
    Pipeline,
    PipelineParameter,
)
from designer.pipeline.parameters import with_values
from modules.contract import DataTable, ModuleError

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

ROWS = "a,b,c\n1,x,0.5\n2,y,1.5\n3,x,2.5\n4,y,3.5\n5,x,4.5\n6,y,5.5\n"

STEPS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "all": ("select_columns_in_dataset", {"columns": {"rules": [{"include": "all"}]}}),
    "ordered": (
        "select_columns_in_dataset",
        {
            "columns": {
                "rules": [
                    {"include": "names", "values": ["c", "a"]},
                    {"include": "types", "values": ["string"]},
                    {"exclude": "roles", "values": ["score"]},
                ],
                "keep_order": True,
            }
        },
    ),
    "split": ("split_data", {"fraction": 0.5}),
    "rows": ("add_rows", {}),
    "unique": ("remove_duplicate_rows", {"key_columns": ["a"]}),
    "clean": ("clean_missing_data", {"cleaning_mode": "remove entire row"}),
    "query": ("apply_sql_transformation", {"query": "-- “1”\nselect * from t1\nwhere a > 0"}),
    "script": (
        "execute_python_script",
        {"script": 'def azureml_main(a=None, b=None):\n    """A \\n."""\n    return a,\n'},
    ),
    "summary": ("summarize_data", {}),
}
"""Steps that any table with the columns of ROWS can take."""

names = st.sampled_from(
    [
        # Keywords, built-in functions, and what scripts use for something else.
        *("class", "class_", "lambda", "match", "print", "list", "value", "name", "results"),
        *("main", "save", "np", "random", "argparse", "folder", "split_data", "train", "a", "b"),
    ]
) | st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
texts = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["数据清洗", '"""', "'''", "\\", "# noqa", "%(prog)s %", "a\r\nb", "{x}", "“é”", '"', "\x00"]
)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    """Return a valid pipeline in which every step succeeds."""
    groups: dict[str, Group] = {}
    used: set[str] = set()

    def address() -> str:
        parent = draw(st.sampled_from(["", "", *groups]))
        name = draw(names)
        number = 2
        prefix = f"{parent}/" if parent else ""
        while f"{prefix}{name}" in used:
            name, number = f"{name}_{number}", number + 1
        used.add(f"{prefix}{name}")
        return f"{prefix}{name}"

    for _ in range(draw(st.integers(0, 3))):
        name = address()
        groups[name] = Group(name, draw(texts), draw(texts))
    parameters = {
        name: PipelineParameter(name, "integer", draw(st.integers(0, 99)), draw(texts))
        for name in draw(st.lists(names, max_size=2, unique=True))
    }
    nodes: dict[str, Node] = {}
    links: list[Link] = []
    tables: list[Endpoint] = []

    def add(module: str, values: Mapping[str, Any], **inputs: Endpoint) -> str:
        name = address()
        position = (float(draw(st.integers(0, 500))), float(draw(st.integers(0, 500))))
        nodes[name] = Node(
            name,
            module,
            version=CATALOG[module].version,
            parameters=values,
            comment=draw(texts),
            position=position,
        )
        links.extend(Link(source, Endpoint(name, port)) for port, source in inputs.items())
        return name

    tables.append(Endpoint(add("enter_data_manually", {"data": ROWS}), "dataset"))
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from([*STEPS, "model"]))
        source = draw(st.sampled_from(tables))
        if kind == "model":
            learner = Endpoint(add("linear_regression", {}), "untrained_model")
            model = add(
                "train_model", {"label_column": ["c"]}, untrained_model=learner, dataset=source
            )
            scored = add(
                "score_model",
                {},
                trained_model=Endpoint(model, "trained_model"),
                dataset=draw(st.sampled_from(tables)),
            )
            add("evaluate_model", {}, scored_dataset=Endpoint(scored, "scored_dataset"))
            continue
        module, values = STEPS[kind]
        spec = CATALOG[module]
        if kind == "split" and parameters and draw(st.booleans()):
            values = values | {"seed": {"$parameter": draw(st.sampled_from([*parameters]))}}
        inputs = {spec.inputs[0].name: source}
        for port in spec.inputs[1:]:
            if "DataTable" in port.type_name and (not port.optional or draw(st.booleans())):
                inputs[port.name] = draw(st.sampled_from(tables))
        name = add(module, values, **inputs)
        if kind != "summary":
            tables += [
                Endpoint(name, port.name)
                for port in spec.outputs
                if port.type_name == "DataTable" and port.name != "result_dataset2"
            ]
    notes = {
        name: Note(name, draw(texts), (draw(st.floats(0, 500)), draw(st.floats(0, 500))))
        for name in {address() for _ in range(draw(st.integers(0, 2)))}
    }
    return Pipeline(draw(texts), nodes, tuple(links), notes, groups, parameters)


def outcome(pipeline: Pipeline) -> dict[Endpoint, Any]:
    """Return the value of every output, without the exporter."""
    values: dict[Endpoint, Any] = {}
    defaults = {name: each.default for name, each in pipeline.parameters.items()}
    for name in pipeline.order():
        node = pipeline.nodes[name]
        spec = CATALOG[node.module]
        sources = pipeline.inputs_of(name)
        inputs = [
            values[sources[port.name]] if port.name in sources else None for port in spec.inputs
        ]
        arguments = spec.read_parameters(with_values(node.parameters, defaults))
        outputs = spec(*inputs, **arguments)
        for port, value in zip(spec.outputs, outputs, strict=True):
            values[Endpoint(name, port.name)] = value
    return values


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.mark.long
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(pipeline=pipelines(), with_layout=st.booleans())
def test_random_pipelines_export_to_code_that_runs(pipeline: Pipeline, with_layout: bool) -> None:
    check(pipeline, with_layout)


@pytest.mark.long
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(pipeline=pipelines(), with_layout=st.booleans())
def test_200_random_pipelines(pipeline: Pipeline, with_layout: bool) -> None:
    check(pipeline, with_layout)


def check(pipeline: Pipeline, with_layout: bool) -> None:
    """Export a pipeline, run the code, and compare the results with those of the modules."""
    try:
        expected = outcome(pipeline)
    except ModuleError:
        # A table has become too small for a step.
        assume(False)
    with tempfile.TemporaryDirectory() as folder:
        script = exported(pipeline, Path(folder), with_layout=with_layout)
    tree = ast.parse(script.text)
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    assert not [name for name in stored if keyword.iskeyword(name) or name == "print"]
    namespace: dict[str, Any] = {"__name__": "exported", "__file__": "/nowhere/script.py"}
    exec(compile(script.text, "script.py", "exec", dont_inherit=True), namespace)
    results = namespace["main"]()
    assert set(results) == set(script.results)
    table = next(value for value in expected.values() if isinstance(value, DataTable))
    for name, end in script.results.items():
        if expected[end] is None:
            assert results[name] is None
        else:
            assert_same(results[name], expected[end], table)
    by_end = {end: results[name] for name, end in script.results.items()}
    check_notebook(pipeline, with_layout, by_end, table)
    ends = set(pipeline.nodes) - set(pipeline.links_from)
    assert ends <= {end.node for end in script.results.values()}
    assert set(pipeline.nodes) <= set(script.lines)


def check_notebook(
    pipeline: Pipeline, with_layout: bool, results: Mapping[Endpoint, Any], table: DataTable
) -> None:
    """Run the cells of a pipeline's notebook, and compare with the results of its script."""
    with tempfile.TemporaryDirectory() as folder:
        script = exported(pipeline, Path(folder), target="notebook", with_layout=with_layout)
    cells = nbformat.reads(TARGETS["notebook"].content(script, {}), 4).cells
    namespace: dict[str, Any] = {"display": lambda *values: None}
    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec", dont_inherit=True), namespace)
    for end, value in results.items():
        name = next(name for name, each in script.results.items() if each == end)
        if value is None:
            assert namespace[name] is None
        else:
            assert_same(namespace[name], value, table)
    assert set(pipeline.nodes) <= set(script.lines)
