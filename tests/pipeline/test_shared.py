"""Shared modules: their file, the form in memory, versions, and what can go wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_modules import SPECS

from designer import paths
from designer.pipeline import edits, file, grouping
from designer.pipeline.identifiers import EditError
from designer.pipeline.model import Endpoint, Interface, Link, Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter, bind_parameter, same_json
from designer.pipeline.shared import choices, making
from designer.pipeline.shared.copies import settled
from designer.pipeline.shared.folding import folded, unfolded
from designer.pipeline.shared.library import Library, save_module, version_of
from designer.pipeline.shared.names import help_of
from designer.pipeline.validation import validate

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((paths.resources() / "pipeline.schema.json").read_text("utf-8"))
)


def flat() -> Pipeline:
    """Return a dataset that is split and joined in a group, and selected from."""
    pipeline, _ = edits.add_node(Pipeline(), "dataset", position=(10, 0))
    pipeline, _ = edits.add_node(
        pipeline, "split_data", position=(40, 100), parameters={"fraction": 0.3, "seed": 5}
    )
    pipeline, _ = edits.add_node(pipeline, "join", position=(0, 200))
    pipeline, _ = edits.add_node(pipeline, "select", position=(0, 300))
    for source, target in (
        ("dataset.dataset", "split_data.dataset"),
        ("split_data.first", "join.left"),
        ("dataset.dataset", "join.right"),
        ("join.dataset", "select.dataset"),
    ):
        pipeline = edits.connect(
            pipeline, Endpoint(*source.split(".")), Endpoint(*target.split("."))
        )
    pipeline, _ = grouping.group(pipeline, ["split_data", "join"], "Prepare")
    return pipeline


def chosen(found: tuple[choices.Choice, ...]) -> tuple:
    return tuple(each.item for each in found if each.chosen)


def interface_of_group(pipeline: Pipeline, *parameters: str) -> Interface:
    found = choices.choices_of_group(pipeline, "prepare", SPECS)
    return Interface(
        "Prepare Rows",
        chosen(found.inputs),
        chosen(found.outputs),
        tuple(each.item for each in found.parameters if each.item.name in parameters),
    )


def shared(*parameters: str) -> Pipeline:
    """Return the same with the group turned into a module."""
    pipeline = flat()
    interface = interface_of_group(pipeline, *parameters)
    definition = making.module_of_group(pipeline, "prepare", interface)
    return making.turn_into_module(pipeline, "prepare", "prepare", definition)


def definition_in(pipeline: Pipeline, group: str = "prepare") -> Pipeline:
    use = pipeline.groups[group].shared
    assert use is not None
    assert use.definition is not None
    return use.definition


def saved(folder: Path, pipeline: Pipeline) -> Path:
    """Write a pipeline and the modules in it, and return its path."""
    path = folder / "cars.pipeline.json"
    file.write(pipeline, path)
    return path


def same(first: Pipeline, second: Pipeline) -> bool:
    """Compare what runs, whatever the order in memory."""
    return (
        dict(first.nodes) == dict(second.nodes)
        and set(first.links) == set(second.links)
        and all(
            same_json(first.nodes[n].parameters, second.nodes[n].parameters) for n in first.nodes
        )
    )


def test_the_choices_are_the_links_across_and_what_is_inside() -> None:
    found = choices.choices_of_group(flat(), "prepare", SPECS)
    # One dataset outside feeds two inputs inside: one input of the module.
    assert [each.item.ends for each in found.inputs if each.needed] == [
        (Endpoint("split_data", "dataset"), Endpoint("join", "right"))
    ]
    assert chosen(found.outputs)[0].ends == (Endpoint("join", "dataset"),)
    assert {each.item.end for each in found.parameters} >= {
        Endpoint("split_data", "fraction"),
        Endpoint("join", "script"),
    }
    assert not chosen(found.parameters)


def test_turning_into_a_module_changes_no_step() -> None:
    assert same(shared("fraction"), flat())


def test_the_file_has_a_reference_and_the_module_is_a_file(tmp_path: Path) -> None:
    path = saved(tmp_path, shared("fraction"))
    document = json.loads(path.read_text("utf-8"))
    card = document["groups"]["prepare"]
    assert card["module"] == "prepare"
    assert "nodes" not in card
    assert {(link["from"], link["to"]) for link in document["links"]} == {
        ("dataset.dataset", "prepare.dataset"),
        ("prepare.dataset", "select.dataset"),
    }
    module = json.loads((tmp_path / "cars.modules" / "prepare.module.json").read_text("utf-8"))
    assert module["interface"]["inputs"] == {
        "dataset": {"title": "Dataset", "to": ["split_data.dataset", "join.right"]}
    }
    for each in (document, module):
        SCHEMA.validate(each)
    assert file.read(path) == file.read(path)
    assert same(file.read(path), flat())


def test_a_file_is_written_the_same_after_reading(tmp_path: Path) -> None:
    path = saved(tmp_path, shared("fraction"))
    text = path.read_text("utf-8")
    file.write(file.read(path), path)
    assert path.read_text("utf-8") == text


def test_a_value_of_a_card_is_in_the_file_and_in_its_node(tmp_path: Path) -> None:
    pipeline = edits.set_parameter(
        shared("fraction", "seed"), "prepare/split_data", "fraction", 0.9
    )
    pipeline = edits.set_parameter(pipeline, "prepare/split_data", "seed", edits.UNSET)
    path = saved(tmp_path, pipeline)
    card = json.loads(path.read_text("utf-8"))["groups"]["prepare"]
    assert card["parameters"] == {"fraction": 0.9, "seed": {"$default": True}}
    assert file.read(path).nodes["prepare/split_data"].parameters == {"fraction": 0.9}


def test_a_change_of_the_module_is_a_change_wherever_it_is_used(tmp_path: Path) -> None:
    path = saved(tmp_path, shared("fraction"))
    module = tmp_path / "cars.modules" / "prepare.module.json"
    save_module(edits.set_parameter(file.read(module), "split_data", "seed", 77), module)
    assert file.read(path).nodes["prepare/split_data"].parameters["seed"] == 77


def test_a_version_that_is_kept_stays_and_the_newest_can_be_taken(tmp_path: Path) -> None:
    path = saved(tmp_path, shared("fraction"))
    library = Library.beside(path)
    version = library.keep("prepare")
    kept = making.use_version(file.read(path), "prepare", version, library.find)
    file.write(kept, path)
    module = tmp_path / "cars.modules" / "prepare.module.json"
    save_module(edits.set_parameter(file.read(module), "split_data", "seed", 77), module)
    assert version_of(library.find("prepare")) != version
    again = file.read(path)
    assert again.nodes["prepare/split_data"].parameters["seed"] == 5
    newest = making.use_version(again, "prepare", "", library.find)
    assert newest.nodes["prepare/split_data"].parameters["seed"] == 77


def test_a_missing_file_is_a_problem_and_nothing_is_lost(tmp_path: Path) -> None:
    path = saved(
        tmp_path, edits.set_parameter(shared("fraction"), "prepare/split_data", "fraction", 0.9)
    )
    text = path.read_text("utf-8")
    (tmp_path / "cars.modules" / "prepare.module.json").unlink()
    pipeline = file.read(path)
    found = [each for each in validate(pipeline, SPECS) if each.node == "prepare"]
    assert found[0].severity == "error"
    assert "“prepare” can't be found" in found[0].message
    file.write(pipeline, path)
    assert path.read_text("utf-8") == text


def test_changed_ports_and_parameters_are_problems_and_nothing_is_lost(tmp_path: Path) -> None:
    pipeline = edits.set_parameter(shared("fraction"), "prepare/split_data", "fraction", 0.9)
    path = saved(tmp_path, pipeline)
    text = path.read_text("utf-8")
    module = tmp_path / "cars.modules" / "prepare.module.json"
    definition = file.read(module)
    assert definition.interface is not None
    save_module(
        replace(definition, interface=replace(definition.interface, inputs=(), parameters=())),
        module,
    )
    pipeline = file.read(path)
    messages = [each.message for each in validate(pipeline, SPECS) if each.node == "prepare"]
    assert "Prepare Rows has no input “dataset” anymore." in messages
    assert "Prepare Rows has no parameter “fraction” anymore." in messages
    file.write(pipeline, path)
    assert path.read_text("utf-8") == text


def test_a_module_that_contains_itself_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, shared())
    folder = tmp_path / "cars.modules"
    for name, other in (("prepare", "other"), ("other", "prepare")):
        (folder / f"{name}.module.json").write_text(
            json.dumps(
                {
                    "format": "modeldesk-pipeline",
                    "version": 1,
                    "interface": {"title": name},
                    "nodes": {},
                    "groups": {"inner": {"module": other}},
                    "links": [],
                }
            )
        )
    pipeline = file.read(tmp_path / "cars.pipeline.json")
    messages = [each.message for each in validate(pipeline, SPECS)]
    assert any("contains itself: prepare → other → prepare." in message for message in messages)


def test_a_module_in_a_module(tmp_path: Path) -> None:
    inner = shared("fraction")
    whole, _ = grouping.group(inner, ["prepare", "select"], "Outer")
    found = choices.choices_of_group(whole, "outer", SPECS)
    # Of the card inside only its ports and parameters can be chosen.
    assert {each.item.end.port for each in found.parameters} == {"fraction", "columns"}
    interface = Interface(
        "Outer",
        chosen(found.inputs),
        chosen(found.outputs),
        tuple(each.item for each in found.parameters if each.item.name == "fraction"),
    )
    definition = making.module_of_group(whole, "outer", interface)
    whole = making.turn_into_module(whole, "outer", "outer", definition)
    whole = edits.set_parameter(whole, "outer/prepare/split_data", "fraction", 0.25)
    save_module(definition_in(inner), tmp_path / "cars.modules" / "prepare.module.json")
    path = saved(tmp_path, whole)
    module = json.loads((tmp_path / "cars.modules" / "outer.module.json").read_text("utf-8"))
    assert module["interface"]["inputs"]["dataset"]["to"] == ["prepare.dataset"]
    assert module["interface"]["parameters"]["fraction"]["of"] == "prepare.fraction"
    assert same(file.read(path), whole)


def test_pipeline_parameters_stay_bound(tmp_path: Path) -> None:
    pipeline = add_parameter(flat(), PipelineParameter("share", "number", 0.7))
    pipeline = bind_parameter(pipeline, "prepare/split_data", "fraction", "share")
    found = choices.choices_of_group(pipeline, "prepare", SPECS)
    needed = [each.item for each in found.parameters if each.needed]
    assert [each.end.port for each in needed] == ["fraction"]
    interface = replace(interface_of_group(pipeline), parameters=tuple(needed))
    definition = making.module_of_group(pipeline, "prepare", interface)
    assert definition.nodes["split_data"].parameters["fraction"] == 0.7
    path = saved(tmp_path, making.turn_into_module(pipeline, "prepare", "prepare", definition))
    assert same(file.read(path), pipeline)


def test_the_text_for_another_process_needs_no_file(tmp_path: Path) -> None:
    pipeline = edits.set_parameter(shared("fraction"), "prepare/split_data", "fraction", 0.9)
    restored = file.loads(file.dumps(pipeline))
    assert same(restored, pipeline)
    assert not [each for each in validate(restored, SPECS) if "shared" in each.message]
    # With its file beside it is a card again, with its value.
    path = saved(tmp_path, pipeline)
    again = Library.beside(path).resolved(restored)
    assert same(again, pipeline)
    assert json.loads(path.read_text("utf-8")) == json.loads(
        _text_of(again, tmp_path / "again" / "cars.pipeline.json")
    )


def _text_of(pipeline: Pipeline, path: Path) -> str:
    path.parent.mkdir()
    file.write(pipeline, path)
    return path.read_text("utf-8")


def _nothing(name: str, version: str) -> Pipeline:
    raise file.PipelineFileError(name)


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: edits.set_parameter(p, "prepare/split_data", "seed", 9),
        lambda p: edits.remove(p, ["prepare/join"]),
        lambda p: edits.disconnect(p, [Link(*_ends("split_data.first", "join.left"))]),
        lambda p: edits.connect(
            p, Endpoint("prepare/split_data", "second"), Endpoint("select", "dataset")
        ),
        lambda p: edits.set_disabled(p, "prepare/join", True),
        lambda p: edits.add_node(p, "select", group="prepare")[0],
        lambda p: edits.set_comment(p, "prepare/join", "Mine"),
    ],
)
def test_what_is_inside_of_a_card_cannot_be_changed(edit) -> None:
    before = shared("fraction")
    with pytest.raises(EditError, match=r"“Prepare Rows” is a shared module\. Open the module"):
        settled(before, edit(before), _nothing)


def _ends(source: str, target: str) -> tuple[Endpoint, Endpoint]:
    node, port = source.split(".")
    other, input_ = target.split(".")
    return Endpoint(f"prepare/{node}", port), Endpoint(f"prepare/{other}", input_)


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: edits.set_parameter(p, "prepare/split_data", "fraction", 0.1),
        lambda p: edits.set_disabled(p, ["prepare/join", "prepare/split_data"], True),
        lambda p: edits.remove(p, ["prepare"]),
        lambda p: grouping.ungroup(p, "prepare")[0],
        lambda p: edits.move(p, {"prepare/join": (5, 5), "prepare/split_data": (6, 6)}),
    ],
)
def test_what_a_card_allows(edit) -> None:
    before = shared("fraction")
    assert settled(before, edit(before), _nothing) == edit(before)


def test_an_input_that_is_several_inside_is_linked_alike() -> None:
    before = shared()
    cut = edits.disconnect(before, [before.links_into["prepare/split_data"][0]])
    assert not settled(before, cut, _nothing).links_into.get("prepare/join", ())[1:]
    other, _ = edits.add_node(before, "dataset")
    joined = edits.connect(
        other, Endpoint("dataset_2", "dataset"), Endpoint("prepare/split_data", "dataset")
    )
    after = settled(before, joined, _nothing)
    assert after.inputs_of("prepare/join")["right"] == Endpoint("dataset_2", "dataset")


def test_a_card_that_is_pasted_is_found_again() -> None:
    before = shared("fraction")
    text = file.dumps(edits.extract(before, ["prepare"]))
    pasted, _ = edits.insert(before, file.loads(text))
    after = settled(before, pasted, lambda name, version: definition_in(before))
    assert definition_in(after, "prepare_2") == definition_in(before)
    assert after.groups["prepare_2"].collapsed


def test_the_nearest_of_two_modules_is_used(tmp_path: Path) -> None:
    definition = definition_in(shared("fraction"))
    path = tmp_path / "work" / "cars.pipeline.json"
    mine = tmp_path / "mine"
    save_module(
        edits.set_parameter(definition, "join", "script", "all"), mine / "prepare.module.json"
    )
    library = Library.beside(path, mine)
    assert [(each.name, each.scope) for each in library.modules()] == [("prepare", "person")]
    save_module(definition, path.parent / "prepare.module.json")
    assert library.find("prepare") == definition
    assert [each.scope for each in library.modules()] == ["folder"]


def test_the_help_is_the_description_and_the_notes() -> None:
    definition = replace(definition_in(shared()), description="Splits rows.")
    definition, _ = edits.add_note(definition, "Second.", position=(0, 50))
    definition, _ = edits.add_note(definition, "First.", position=(90, 10))
    assert help_of(definition) == "Splits rows.\n\nFirst.\n\nSecond."


def test_a_renamed_node_keeps_its_ports() -> None:
    definition = edits.rename_node(definition_in(shared("fraction")), "split_data", "divide")
    assert definition.interface is not None
    assert definition.interface.inputs[0].ends[0] == Endpoint("divide", "dataset")
    assert definition.interface.parameters[0].end == Endpoint("divide", "fraction")
    assert not validate(definition, SPECS)


def test_a_removed_node_leaves_a_problem_of_the_module() -> None:
    definition = edits.remove(definition_in(shared("fraction")), ["split_data"])
    messages = [each.message for each in validate(definition, SPECS)]
    assert any("The parameter “Fraction” of this module" in message for message in messages)


@given(
    position=st.tuples(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000)),
    values=st.dictionaries(st.sampled_from(["fraction", "seed"]), st.integers() | st.text()),
    title=st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    disabled=st.booleans(),
)
def test_folding_and_unfolding_are_inverse(position, values, title, disabled) -> None:
    definition = definition_in(shared("fraction", "seed"))
    pipeline, name = making.add_shared(Pipeline(), "prepare", definition, position=position)
    for key, value in values.items():
        pipeline = edits.set_parameter(pipeline, f"{name}/split_data", key, value)
    pipeline = edits.set_disabled(pipeline, list(pipeline.nodes), disabled)
    pipeline = grouping.set_group(pipeline, name, title=title)
    short = folded(pipeline)
    assert not short.nodes
    text = file.dumps(short)
    again = unfolded(file.loads(text), lambda name, version: definition)
    assert again == pipeline
    assert file.dumps(folded(again)) == text


def test_a_group_that_is_no_copy_anymore_is_written_as_it_is(tmp_path: Path) -> None:
    pipeline = edits.set_parameter(shared("fraction"), "prepare/split_data", "seed", 99)
    path = saved(tmp_path, pipeline)
    assert "module" not in json.loads(path.read_text("utf-8"))["groups"]["prepare"]
    assert same(file.read(path), pipeline)
