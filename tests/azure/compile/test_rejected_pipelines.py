"""A pipeline that validation rejects gets the same sentences wherever it would be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chosen_samples import SAMPLES
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.azure.compile.describing import describe
from designer.azure.compile.problems import CompileError
from designer.catalog import Catalog
from designer.cli.main import main
from designer.pipeline import file
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, PipelineParameter
from designer.pipeline.own_modules import WEB_SERVICE
from designer.pipeline.validation import validate

SAMPLE = SAMPLES / f"income{file.SUFFIX}"

odd = st.recursive(
    st.sampled_from([None, True, 0, -1, 1e300, 10**400, "", "x", "dataset:gone", "gone.csv"])
    | st.sampled_from([{"$parameter": "gone"}, {"$parameter": "p"}, {"$secret": "s"}]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("rules"), inner),
    max_leaves=3,
)


def broken(catalog: Catalog) -> st.SearchStrategy[Pipeline]:
    """Return samples with a few things changed that don't fit."""
    sample = file.read(SAMPLE)
    nodes = sorted(sample.nodes)
    fields = [
        (name, parameter.name)
        for name, node in sample.nodes.items()
        for parameter in catalog[node.module].parameters
    ]

    def with_node(name: str, **changes: Any) -> Callable[[Pipeline], Pipeline]:
        return lambda p: replace(p, nodes={**p.nodes, name: replace(p.nodes[name], **changes)})

    def with_value(field: tuple[str, str], value: Any) -> Callable[[Pipeline], Pipeline]:
        name, parameter = field
        return lambda p: with_node(name, parameters={**p.nodes[name].parameters, parameter: value})(
            p
        )

    ends = st.builds(
        Endpoint, st.sampled_from([*nodes, "gone"]), st.sampled_from(["dataset", "gone"])
    )
    edits = st.one_of(
        st.builds(with_value, st.sampled_from([*fields, (nodes[0], "gone")]), odd),
        st.builds(with_node, st.sampled_from(nodes), module=st.sampled_from(["gone", "user.gone"])),
        st.builds(with_node, st.sampled_from(nodes), version=st.sampled_from([0, 99])),
        st.builds(with_node, st.sampled_from(nodes), disabled=st.just(True)),
        st.builds(
            with_node,
            st.sampled_from(nodes),
            extra=st.fixed_dictionaries(
                {
                    "azure": st.dictionaries(
                        st.sampled_from(["data", "compute", "memory_limit"]), odd
                    )
                    | odd
                }
            ),
        ),
        st.builds(lambda a, b: lambda p: replace(p, links=(*p.links, Link(a, b))), ends, ends),
        st.builds(
            lambda kind, value: (
                lambda p: replace(p, parameters={"p": PipelineParameter("p", kind, value)})
            ),
            st.sampled_from(["integer", "number", "text", "boolean", "gone"]),
            odd,
        ),
    )

    def apply(changes: list[Callable[[Pipeline], Pipeline]]) -> Pipeline:
        pipeline = sample
        for change in changes:
            pipeline = change(pipeline)
        return pipeline

    return st.lists(edits, min_size=1, max_size=4).map(apply)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_validation_rejects_isnt_compiled_and_has_its_sentences(
    catalog: Catalog, data: st.DataObject
) -> None:
    pipeline = data.draw(broken(catalog))
    wrong = {
        problem
        for problem in validate(pipeline, catalog, base=SAMPLES, datasets=())
        if problem.severity == "error"
    }
    try:
        describe(pipeline, catalog, base=SAMPLES, datasets=())
        found = set()
    except CompileError as error:
        found = set(error.problems)
    # A file that a job reads from Azure ML needn't be here.
    at_azure = {(each.node, each.parameter) for each in wrong if _is_at_azure(pipeline, each.node)}
    assert {each for each in wrong if (each.node, each.parameter) not in at_azure} <= found


def _is_at_azure(pipeline: Pipeline, node: str | None) -> bool:
    azure = pipeline.nodes[node].extra.get("azure") if node in pipeline.nodes else None
    return isinstance(azure, dict) and bool(azure.get("data"))


@pytest.fixture
def unbound(tmp_path: Path) -> Path:
    """An inference pipeline in which a parameter is bound to nothing."""
    nodes = {
        **{name: Node(name, name) for name in WEB_SERVICE},
        "table": Node("table", "enter_data_manually", parameters={"data": "x,y\n1,2\n3,4\n"}),
        "split": Node(
            "split", "split_data", parameters={"seed": {"$parameter": "gone"}, "fraction": 0.5}
        ),
    }
    link = Link(Endpoint("table", "dataset"), Endpoint("split", "dataset"))
    path = tmp_path / f"unbound{file.SUFFIX}"
    file.write(Pipeline(nodes=nodes, links=(link,)), path)
    return path


@pytest.mark.parametrize("command", ["compile", "submit", "run", "deploy"])
def test_every_command_tells_that_a_parameter_is_bound_to_nothing(
    unbound: Path, tmp_path: Path, command: str
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}')
    more = {
        "compile": ["--to", "azureml-v2", "-o", str(tmp_path / "out")],
        "submit": ["--to", "azureml-v2", "--config", str(config)],
        "run": [],
        "deploy": ["--name", "people", "--workspace", str(tmp_path / "workspace")],
    }
    sentence = "there is no pipeline parameter “gone”."
    checked = CliRunner().invoke(main, ["validate", str(unbound)])
    assert sentence in checked.output
    result = CliRunner().invoke(main, [command, str(unbound), *more[command]])
    assert result.exit_code == 2, result.output
    assert sentence in result.output
    assert "Internal error" not in result.output
