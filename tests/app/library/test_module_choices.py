"""What a group has as a module is chosen without a key, row by row."""

from __future__ import annotations

import pytest
from assistive_desk import DESCRIPTION, NAME, children, select_row, spoken
from window_desk import linked

from designer.app.library.module_dialog import ModuleDialog
from designer.pipeline import grouping
from designer.pipeline.shared.choices import choices_of_group

FRACTION = "Fraction of rows in the first output dataset"


@pytest.fixture
def dialog(qtbot, catalog):
    pipeline, group = grouping.group(linked(), ["split_data"], "Take a Part")
    made = ModuleDialog("Take a Part", choices_of_group(pipeline, group, catalog), None)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def chosen(dialog) -> list[str]:
    return [each.title for each in dialog.interface().parameters]


def test_selecting_a_row_turns_its_check_mark(dialog):
    assert FRACTION not in chosen(dialog)
    select_row(dialog.tree, FRACTION)
    assert FRACTION in chosen(dialog)
    select_row(dialog.tree, FRACTION)
    assert FRACTION not in chosen(dialog)


def test_a_row_says_what_it_belongs_to_and_why_it_cant_be_left_out(dialog):
    rows = {each.text(NAME): each for each in children(spoken(dialog.tree))}
    assert rows[FRACTION].text(DESCRIPTION) == "level 2, in Parameters"
    (needed,) = dialog.interface().inputs
    reason = "Something outside is linked or bound to it."
    assert rows[needed.title].text(DESCRIPTION) == f"level 2, in Inputs. {reason}"
    select_row(dialog.tree, needed.title)
    assert [each.title for each in dialog.interface().inputs] == [needed.title]
