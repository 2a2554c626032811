"""The window as a screen reader has it: objects with roles, names, and actions, and events.

For the system's Python, which has pyatspi. No key is pressed here, and no pointer moved.
"""

import sys
import time

import pyatspi
from gi.repository import GLib

NOTHING = 77
"""The exit status where no application comes to the bus at all."""

EVENTS = (
    "object:state-changed",
    "object:property-change",
    "object:children-changed",
    "object:text-changed",
    "object:selection-changed",
    "window",
)
"""After these, what is waited for may be there."""

TICK = 500
"""Milliseconds after which it is looked for again without an event."""


class Screen:
    """Everything that the application has on the screen.

    Parameters
    ----------
    seconds : float
        After which waiting is given up, over the whole program.
    """

    def __init__(self, seconds):
        self._end = time.monotonic() + seconds
        self.heard = []
        pyatspi.Registry.registerEventListener(self._hear, "object:announcement")
        pyatspi.Registry.registerEventListener(lambda event: None, *EVENTS)
        GLib.timeout_add(TICK, lambda: True)
        self.wait(lambda: pyatspi.Registry.getDesktop(0).childCount, status=NOTHING)

    def wait(self, find, what="", status=None):
        """Let events arrive until something is found, and return it."""
        context = GLib.MainContext.default()
        while time.monotonic() < self._end:
            try:
                found = find()
            except GLib.GError:
                # What was asked for is just being replaced.
                found = None
            if found:
                return found
            context.iteration(True)
            while context.iteration(False):
                pass
        if status is not None:
            sys.exit(status)
        raise SystemExit(f"Not found in time: {what}. Heard: {self.heard}")

    def find(self, role, name, within=None):
        """Return the first object with a role and a name, once it is shown."""
        return self.wait(lambda: self._look(role, name, within), f"{role} “{name}”")

    def labeled(self, role, label, within=None):
        """Return the first object with a role that a label belongs to."""

        def look():
            return self._first(
                within,
                lambda each: (
                    each.getRoleName() == role and is_shown(each) and label in labels_of(each)
                ),
            )

        return self.wait(look, f"{role} labeled “{label}”")

    def gone(self, role, name):
        """Wait until something is shown no longer."""
        self.wait(lambda: not self._look(role, name, None), f"no {role} “{name}”")

    def press(self, role, name, within=None):
        """Press a button, an entry of a menu, or a tab as soon as it can be pressed."""

        def look():
            found = self._look(role, name, within)
            return found if found and "Press" in actions_of(found) else None

        do(self.wait(look, f"{role} “{name}” that can be pressed"), "Press")

    def command(self, menu, entry):
        """Choose an entry of a menu of the menu bar."""
        do(self.find("menu item", menu), "ShowMenu")
        self.press("menu item", entry)

    def choose(self, box, entry):
        """Choose an entry of a combo box."""

        def look():
            cells = (each for each in box.getChildAtIndex(0) if each.name == entry)
            return next(cells, None)

        do(self.wait(look, f"entry “{entry}” of “{box.name}”"), "Toggle")
        self.wait(lambda: box.name == entry, f"“{entry}” chosen")

    def hears(self, start, after=0):
        """Wait for an announcement that starts with some words, and return it."""
        return self.wait(
            lambda: next((text for text in self.heard[after:] if text.startswith(start)), None),
            f"“{start}…” read out",
        )

    def _look(self, role, name, within):
        fits = name if callable(name) else name.__eq__
        return self._first(
            within,
            lambda each: each.getRoleName() == role and fits(each.name) and is_shown(each),
        )

    def _first(self, within, fits):
        if within is not None:
            return pyatspi.findDescendant(within, fits)
        for application in pyatspi.Registry.getDesktop(0):
            found = pyatspi.findDescendant(application, fits)
            if found is not None:
                return found
        return None

    def _hear(self, event):
        self.heard.append(event.any_data)


def is_shown(accessible):
    return accessible.getState().contains(pyatspi.STATE_SHOWING)


def actions_of(accessible):
    """Return the names of the actions that an object offers."""
    try:
        offered = accessible.queryAction()
    except NotImplementedError:
        return []
    return [offered.getName(index) for index in range(offered.nActions)]


def do(accessible, action):
    """Do an action that an object offers."""
    try:
        accessible.queryAction().doAction(actions_of(accessible).index(action))
    except GLib.GError as error:
        # The entry of a menu answers when the dialog that it opens is closed.
        if "Did not receive a reply" not in str(error):
            raise


def set_text(field, text):
    """Replace the text of a field."""
    field.queryEditableText().setTextContents(text)


def labels_of(accessible):
    """Return the names of an object's labels."""
    return [
        relation.getTarget(index).name
        for relation in accessible.getRelationSet()
        if relation.getRelationType() == pyatspi.RELATION_LABELLED_BY
        for index in range(relation.getNTargets())
    ]


def table_of(accessible, rows=None):
    """Return a table as it is read cell by cell: lists of headers and names."""
    table = accessible.queryTable()
    count = table.nRows if rows is None else min(rows, table.nRows)
    return [
        [
            [
                " ".join(head.name for head in cell.queryTableCell().columnHeaderCells),
                cell.name,
            ]
            for cell in (table.getAccessibleAt(row, column) for column in range(table.nColumns))
        ]
        for row in range(count)
    ]
