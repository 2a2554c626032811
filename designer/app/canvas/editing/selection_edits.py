"""Actions on the whole selection, each as one edit of the pipeline."""

from __future__ import annotations

from collections.abc import Iterable

from designer.app.canvas.gestures.group_drag import GroupDrag
from designer.app.canvas.surface import Surface
from designer.composed_texts import in_language
from designer.pipeline import edits, grouping
from designer.pipeline.identifiers import EditError
from designer.pipeline.model import Pipeline
from designer.texts import tr

NO_GROUP = tr("Select a group, or a module in one, first.")


def delete(canvas: Surface) -> bool:
    """Ask for the removal of the selection; false if it is empty."""
    names, links = canvas.selection(), canvas.selected_links()
    if not names and not links:
        return False
    if not names:
        text = (
            tr("Delete link")
            if len(links) == 1
            else tr("Delete {number} links").format(number=len(links))
        )
    elif len(names) == 1 and names[0] in canvas.graph.nodes:
        text = tr("Delete “{title}”").format(title=canvas.graph.nodes[names[0]].title)
    elif len(names) == 1 and names[0] in canvas.graph.frames.items:
        text = tr("Delete group “{title}”").format(title=canvas.graph.frames.items[names[0]].title)
    else:
        text = (
            tr("Delete note")
            if len(names) == 1
            else tr("Delete {number} items").format(number=len(names))
        )
    canvas.edit(text, lambda pipeline: edits.disconnect(edits.remove(pipeline, names), links))
    return True


def group(canvas: Surface) -> bool:
    """Ask for exactly the selection as a group, and open the editor of its title.

    Shows which other modules are on its frame.
    """
    names = canvas.selection()
    made: list[str] = []

    def change(pipeline: Pipeline) -> Pipeline:
        grouped, name = grouping.group(pipeline, names)
        made.append(name)
        return grouped

    try:
        grouping.group(canvas.graph.pipeline, names)
    except EditError as error:
        canvas.message.emit(in_language(str(error)))
        return False
    canvas.edit(tr("Group"), change)
    if made and made[-1] in canvas.graph.frames.items:
        canvas.select([made[-1]])
        canvas.edit_title(made[-1])
        if others := _others_on(canvas, made[-1]):
            one = tr("“{others}” is on the frame but not in the group. Drag it to add it.").format(
                others=others[0]
            )
            several = tr(
                "{number} modules are on the frame but not in the group. Drag them to"
            ).format(number=len(others))
            canvas.message.emit(
                one if len(others) == 1 else tr("{several} add them.").format(several=several)
            )
    return True


def ungroup(canvas: Surface) -> bool:
    """Ask for the end of the selected groups, or of those around the selected nodes."""
    names = target_groups(canvas)
    if not names:
        canvas.message.emit(NO_GROUP)
        return False
    freed: list[str] = []

    def change(pipeline: Pipeline) -> Pipeline:
        freed.clear()
        # From the inside, so that the others keep their ids.
        for name in sorted(names, key=lambda one: one.count("/"), reverse=True):
            pipeline, renamed = grouping.ungroup(pipeline, name)
            freed.extend(renamed.values())
        return pipeline

    canvas.edit(tr("Ungroup"), change)
    canvas.select(freed)
    return True


def target_groups(canvas: Surface) -> list[str]:
    """Return the selected groups, or else the innermost ones around the selection."""
    frames = canvas.graph.frames
    names = [name for name in canvas.selection() if name in frames.items]
    if names:
        return names
    around = (next(frames.holders(name), None) for name in canvas.selection())
    return [name for name in dict.fromkeys(around) if name]


def fold(canvas: Surface) -> bool:
    """Ask to collapse or expand the selected groups, or those around the selection."""
    names = target_groups(canvas)
    if not names:
        canvas.message.emit(NO_GROUP)
        return False
    items = canvas.graph.frames.items
    names = [name for name in names if not items[name].shared]
    if not names:
        canvas.message.emit(tr("A shared module can't be expanded. Open it, or ungroup it."))
        return False
    set_collapsed(canvas, names, not all(items[name].collapsed for name in names))
    return True


def set_collapsed(canvas: Surface, names: Iterable[str], collapsed: bool) -> None:
    """Ask for groups as one card each, or with all that they contain."""
    canvas.finish_writing()
    listed = list(names)
    notes = {name: canvas.graph.frames.notes_on(name) if collapsed else [] for name in listed}
    verb = tr("Collapse") if collapsed else tr("Expand")
    title = canvas.graph.frames.items[listed[0]].title
    text = (
        f"{verb} “{title}”"
        if len(listed) == 1
        else tr("{verb} {number} groups").format(verb=verb, number=len(listed))
    )

    def change(pipeline: Pipeline) -> Pipeline:
        for name in listed:
            pipeline, _ = grouping.move_into(pipeline, notes[name], name)
            pipeline = grouping.set_group(pipeline, name, collapsed=collapsed)
        return pipeline

    canvas.edit(text, change)
    canvas.select(listed)
    area = canvas.graph.bounds(listed)
    seen = canvas.viewer.visible_area()
    if area.width() <= seen.width() and area.height() <= seen.height():
        canvas.viewer.show_area(area)


def regroup(canvas: Surface, names: Iterable[str], joining: GroupDrag) -> None:
    """Ask for a drag that has moved cards into a group or out of one, as one edit.

    Parameters
    ----------
    names : iterable of str
        All that moved.
    """
    assert joining.joins is not None
    roots, goal = joining.joins
    frames = canvas.graph.frames
    listed = [name for name in names if _stored_position(canvas, name) is not None]
    positions = {name: canvas.graph.position_of(name) for name in listed}
    chosen = canvas.selection()
    renamed: dict[str, str] = {}
    left = joining.areas_left()

    def change(pipeline: Pipeline) -> Pipeline:
        moved, found = grouping.move_into(edits.move(pipeline, positions), roots, goal)
        renamed.update(found)
        for name, area in left.items():
            if not grouping.members_of(moved, name):
                # Its members no longer determine its position.
                corner = (area.left(), area.top())
                moved = grouping.set_group(moved, name, position=corner)
        return moved

    where = (
        tr("into “{title}”").format(title=frames.items[goal].title)
        if goal in frames.items
        else tr("out of the group")
    )
    canvas.edit(f"{moving_text(canvas, roots)} {where}", change)
    canvas.select([renamed.get(name, name) for name in chosen])
    _put_back(canvas, listed)


def commit_positions(canvas: Surface, names: Iterable[str], dragged: Iterable[str]) -> None:
    """Ask for the positions that cards were dragged to, or put them back.

    Parameters
    ----------
    names : iterable of str
        All that moved.
    dragged : iterable of str
        What the user dragged, for the undo title: a group represents its members.
    """
    listed = [name for name in names if _stored_position(canvas, name) is not None]
    positions = {
        name: canvas.graph.position_of(name)
        for name in listed
        if canvas.graph.position_of(name) != _stored_position(canvas, name)
    }
    if positions:
        label = moving_text(canvas, dragged)
        canvas.edit(label, lambda pipeline: edits.move(pipeline, positions))
    _put_back(canvas, listed)


def moving_text(canvas: Surface, names: Iterable[str]) -> str:
    """Return the undo title; what is in a group is implied."""
    graph = canvas.graph
    listed = list(names)
    if len(listed) > 1:
        return tr("Move {number} items").format(number=len(listed))
    if listed and listed[0] in graph.frames.items:
        return tr("Move group “{title}”").format(title=graph.frames.items[listed[0]].title)
    item = graph.nodes.get(listed[0]) if listed else None
    return tr("Move “{title}”").format(title=item.title) if item else tr("Move note")


def _put_back(canvas: Surface, names: Iterable[str]) -> None:
    """Show items at their positions in the pipeline, whether or not the edit succeeded."""
    for name in names:
        position = _stored_position(canvas, name)
        if position is not None:
            canvas.graph.move_to(name, *position)
    canvas.map_changed()


def _stored_position(canvas: Surface, name: str) -> tuple[float, float] | None:
    """Return where the pipeline has something; None if it has no position."""
    pipeline = canvas.graph.pipeline
    for holder in (pipeline.nodes, pipeline.notes, pipeline.groups):
        if name in holder:
            return holder[name].position
    return None


def _others_on(canvas: Surface, group_id: str) -> list[str]:
    """Return the titles of the cards that are on the frame of a group but not in it."""
    area = canvas.graph.frames.items[group_id].card_rect()
    return [
        item.title
        for name, item in canvas.graph.nodes.items()
        if not name.startswith(f"{group_id}/")
        and item.isVisible()
        and area.contains(item.card_rect().center())
    ]
