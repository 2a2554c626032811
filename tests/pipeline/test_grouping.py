from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import pipelines

from designer.pipeline import edits, file
from designer.pipeline.edits import EditError
from designer.pipeline.grouping import (
    group,
    links_across,
    members_of,
    move_into,
    set_group,
    ungroup,
)
from designer.pipeline.identifiers import group_ids, taken_ids
from designer.pipeline.model import MAX_GROUP_DEPTH, Endpoint, Group, Node, Note, Pipeline


def chain(*names: str) -> Pipeline:
    """Nodes linked one after the other, each 100 below the last."""
    pipeline = Pipeline()
    for place, name in enumerate(names):
        pipeline = replace(
            pipeline,
            nodes={
                **pipeline.nodes,
                name: Node(name, "split_data", position=(40.0, 100.0 * place)),
            },
        )
        if place:
            source = Endpoint(names[place - 1], "first")
            pipeline = edits.connect(pipeline, source, Endpoint(name, "dataset"))
    return pipeline


def shape(pipeline: Pipeline, names: dict[str, str] | None = None) -> set[tuple[str, str]]:
    """The links, by node, under other names where given."""
    names = names or {}
    return {(names.get(a.node, a.node), names.get(b.node, b.node)) for a, b in pipeline.links}


def test_grouping_puts_a_prefix_before_ids_and_keeps_links():
    grouped, name = group(chain("a", "b", "c"), ["b", "c"], "Prepare data")
    assert name == "prepare_data"
    assert list(grouped.nodes) == ["a", "prepare_data/b", "prepare_data/c"]
    assert grouped.nodes["prepare_data/b"].id == "prepare_data/b"
    assert shape(grouped) == {("a", "prepare_data/b"), ("prepare_data/b", "prepare_data/c")}
    assert grouped.groups[name] == Group(name, "Prepare data", position=(40.0, 100.0))


def test_a_group_without_title_has_a_plain_id_and_another_the_next_one():
    first, one = group(chain("a", "b", "c"), ["a"])
    second, two = group(first, ["b"])
    assert (one, two) == ("group", "group_2")
    assert set(second.nodes) == {"group/a", "group_2/b", "c"}


def test_groups_go_into_groups_and_come_out_again():
    inner, first = group(chain("a", "b", "c"), ["a", "b"], "inner")
    outer, second = group(inner, [first, "c"], "outer")
    assert set(outer.nodes) == {"outer/inner/a", "outer/inner/b", "outer/c"}
    assert set(outer.groups) == {"outer", "outer/inner"}
    assert members_of(outer, "outer") == [
        "outer/inner",
        "outer/inner/a",
        "outer/inner/b",
        "outer/c",
    ]
    opened, names = ungroup(outer, second)
    assert opened == inner
    assert names["outer/inner/a"] == "inner/a"


def test_all_nodes_of_a_group_stand_for_the_group():
    inner, _ = group(chain("a", "b", "c"), ["a", "b"], "inner")
    outer, _ = group(inner, ["inner/a", "inner/b", "c"], "outer")
    assert set(outer.nodes) == {"outer/inner/a", "outer/inner/b", "outer/c"}


def test_a_group_can_be_made_within_a_group():
    outer, _ = group(chain("a", "b"), ["a", "b"], "outer")
    made, name = group(outer, ["outer/a"], "inner")
    assert name == "outer/inner"
    assert set(made.nodes) == {"outer/inner/a", "outer/b"}


def test_what_lies_in_different_groups_is_not_grouped():
    inner, _ = group(chain("a", "b", "c"), ["a", "b"], "inner")
    with pytest.raises(EditError, match="different groups"):
        group(inner, ["inner/a", "c"])


@pytest.mark.parametrize("ids", [[], ["gone"], ["note"]])
def test_nothing_to_group_is_said(ids):
    pipeline, _ = edits.add_note(chain("a"))
    with pytest.raises(EditError, match="Select"):
        group(pipeline, ids)


def test_a_note_is_grouped_with_nodes_and_comes_out_with_them():
    pipeline, note = edits.add_note(chain("a", "b"), "Why", position=(5, 7))
    made, name = group(pipeline, ["a", note], "Prepare")
    assert made.notes["prepare/note"] == replace(pipeline.notes[note], id="prepare/note")
    assert members_of(made, name) == ["prepare/a", "prepare/note"]
    assert ungroup(made, name)[0] == pipeline
    assert not edits.remove(made, [name]).notes


def test_a_note_left_out_does_not_keep_a_group_from_coming_in_whole():
    pipeline, _ = group(chain("a", "b"), ["a"], "inner")
    pipeline, _ = edits.add_note(pipeline, "Why", group="inner")
    made, _ = group(pipeline, ["inner/a", "b"], "outer")
    assert set(made.notes) == {"outer/inner/note"}
    assert set(made.nodes) == {"outer/inner/a", "outer/b"}


def test_a_note_goes_into_a_group_and_a_file_keeps_it_there():
    pipeline, _ = group(chain("a"), ["a"], "Prepare")
    pipeline, first = edits.add_note(pipeline, "One", group="prepare")
    pipeline, second = edits.add_note(pipeline, "Two")
    moved, names = move_into(pipeline, [second], "prepare")
    assert (first, names) == ("prepare/note", {"note": "prepare/note_2"})
    text = file.dumps(moved)
    assert file.loads(text) == moved
    assert set(json.loads(text)["groups"]["prepare"]["notes"]) == {"note", "note_2"}
    assert "notes" not in json.loads(text)
    out, _ = move_into(moved, ["prepare/note_2"], "")
    assert set(out.notes) == {"prepare/note", "note_2"}
    with pytest.raises(EditError, match="no group"):
        edits.add_note(pipeline, "Three", group="gone")


def test_a_group_that_only_its_note_speaks_of_is_a_group():
    text = file.dumps(Pipeline(notes={"g/n": Note("g/n", "hi")}))
    opened = file.loads(text)
    assert list(opened.groups) == ["g"]
    assert opened.notes["g/n"].text == "hi"


def test_groups_nest_no_deeper_than_a_file_can_hold():
    pipeline, name = chain("a"), "a"
    for _ in range(MAX_GROUP_DEPTH - 1):
        pipeline, name = group(pipeline, [name])
    assert file.loads(file.dumps(pipeline)) == pipeline
    with pytest.raises(EditError, match="levels deep"):
        group(pipeline, [name])


def test_ungrouping_gives_a_number_to_an_id_that_is_taken_outside():
    grouped, name = group(chain("a", "b"), ["a"])
    grouped = edits.rename_node(grouped, "b", "a")
    opened, names = ungroup(grouped, name)
    assert names == {"group/a": "a_2"}
    assert shape(opened) == {("a_2", "a")}
    assert not opened.groups


def test_a_node_may_take_the_name_of_the_group_that_is_taken_away():
    pipeline = chain("x/x", "x/y")
    opened, names = ungroup(pipeline, "x")
    assert names == {"x/x": "x", "x/y": "y"}
    assert shape(opened) == {("x", "y")}


def test_a_group_that_only_addresses_speak_of_can_be_undone_and_titled():
    pipeline = chain("quiet/a", "quiet/deep/b")
    titled = set_group(pipeline, "quiet", title="Spoken", color="green")
    assert titled.groups["quiet"].title == "Spoken"
    assert file.loads(file.dumps(titled)).groups["quiet"].extra == {"color": "green"}
    assert set_group(titled, "quiet", title="Spoken") is titled
    opened, _ = ungroup(pipeline, "quiet")
    assert set(opened.nodes) == {"a", "deep/b"}
    for function in (ungroup, set_group):
        with pytest.raises(EditError, match="no group"):
            function(pipeline, "loud")


@pytest.mark.long
@given(pipelines(), st.data())
def test_ungrouping_gives_back_what_was_grouped(pipeline, data):
    level = data.draw(st.sampled_from(["", *group_ids(pipeline)]))
    here = [
        name for name in (*pipeline.nodes, *group_ids(pipeline)) if name.rpartition("/")[0] == level
    ]
    if not here:
        return
    ids = data.draw(st.lists(st.sampled_from(sorted(here)), min_size=1, unique=True))
    grouped, name = group(pipeline, ids, data.draw(st.sampled_from(["", "My group", "été"])))
    assert len(grouped.nodes) == len(pipeline.nodes)
    assert len(set(grouped.links)) == len(set(pipeline.links))
    assert set(members_of(grouped, name)) <= taken_ids(grouped)
    opened, _ = ungroup(grouped, name)
    assert opened == pipeline
    assert list(opened.nodes) == list(pipeline.nodes)


@given(pipelines())
def test_ungrouping_keeps_every_node_and_link(pipeline):
    for name in group_ids(pipeline):
        opened, names = ungroup(pipeline, name)
        assert name not in group_ids(opened) or name in names.values()
        assert [replace(node, id="") for node in opened.nodes.values()] == [
            replace(node, id="") for node in pipeline.nodes.values()
        ]
        assert shape(opened) == shape(pipeline, names)
        assert all(node.id == key for key, node in opened.nodes.items())
        assert [replace(note, id="") for note in opened.notes.values()] == [
            replace(note, id="") for note in pipeline.notes.values()
        ]
        assert set(opened.notes) == {names.get(note, note) for note in pipeline.notes}


def test_nodes_go_into_a_group_and_out_again_with_their_links():
    grouped, name = group(chain("a", "b", "c"), ["b"], "Prepare")
    moved, names = move_into(grouped, ["c"], name)
    assert names == {"c": "prepare/c"}
    assert list(moved.nodes) == ["a", "prepare/b", "prepare/c"]
    assert shape(moved) == {("a", "prepare/b"), ("prepare/b", "prepare/c")}
    back, names = move_into(moved, ["prepare/c"], "")
    assert names == {"prepare/c": "c"}
    assert back == grouped
    assert move_into(grouped, ["prepare/b", "gone"], name) == (grouped, {})


def test_a_group_takes_all_in_it_along_and_numbers_make_ids_unique():
    pipeline = chain("x/a", "x/deep/b", "y/a", "y/x/c")
    moved, names = move_into(pipeline, ["x", "x/a"], "y")
    assert names["x/a"] == "y/x_2/a"
    assert names["x/deep/b"] == "y/x_2/deep/b"
    assert shape(moved) == shape(pipeline, names)
    moved, names = move_into(pipeline, ["x/a"], "y")
    assert names == {"x/a": "y/a_2"}


def test_a_group_that_has_lost_everything_stays():
    moved, _ = move_into(chain("quiet/a"), ["quiet/a"], "")
    assert list(moved.groups) == ["quiet"]
    assert file.loads(file.dumps(moved)) == moved


def test_what_cannot_be_put_into_a_group_is_said():
    pipeline = chain("x/y/a", "b")
    for goal in ("x", "x/y"):
        with pytest.raises(EditError, match="itself"):
            move_into(pipeline, ["x"], goal)
    with pytest.raises(EditError, match="no group"):
        move_into(pipeline, ["b"], "gone")
    deep, name = chain("a", "b"), "a"
    for _ in range(MAX_GROUP_DEPTH - 1):
        deep, name = group(deep, [name])
    inner, _ = group(deep, ["b"])
    with pytest.raises(EditError, match="levels deep"):
        move_into(inner, ["group_2"], max(group_ids(deep), key=len))


@given(pipelines(), st.data())
def test_moving_between_groups_keeps_every_node_and_link(pipeline, data):
    groups = list(group_ids(pipeline))
    every = [*pipeline.nodes, *pipeline.notes, *groups, "gone"]
    ids = data.draw(st.lists(st.sampled_from(every), unique=True))
    goal = data.draw(st.sampled_from(["", *groups]))
    try:
        moved, names = move_into(pipeline, ids, goal)
    except EditError:
        assert any(f"{goal}/".startswith(f"{name}/") for name in ids if name in groups)
        return
    assert [replace(node, id="") for node in moved.nodes.values()] == [
        replace(node, id="") for node in pipeline.nodes.values()
    ]
    assert shape(moved) == shape(pipeline, names)
    assert all(item.id == key for key, item in {**moved.nodes, **moved.notes}.items())
    assert [replace(note, id="") for note in moved.notes.values()] == [
        replace(note, id="") for note in pipeline.notes.values()
    ]
    assert len(group_ids(moved)) == len(groups)
    assert len(taken_ids(moved)) == len(moved.nodes) + len(groups) + len(moved.notes)


def test_a_file_keeps_that_a_group_is_collapsed_and_one_that_does_not_say_is_open():
    grouped, name = group(chain("a", "b"), ["a"], "Prepare")
    collapsed = set_group(grouped, name, collapsed=True)
    text = file.dumps(collapsed)
    assert '"collapsed": true' in text
    assert file.loads(text) == collapsed
    assert '"collapsed"' not in file.dumps(grouped)
    assert file.loads(file.dumps(grouped)).groups[name].collapsed is False
    assert file.dumps(set_group(file.loads(text), name, collapsed=False)) == file.dumps(grouped)


def test_links_across_the_border_of_a_group():
    grouped, name = group(chain("a", "b", "c", "d"), ["b", "c"], "Inner")
    into, out = links_across(grouped, name)
    assert [str(link) for link in into] == ["a.first → inner/b.dataset"]
    assert [str(link) for link in out] == ["inner/c.first → d.dataset"]
