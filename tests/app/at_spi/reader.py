"""Use the window as a screen reader does: by its accessibility tree alone.

A program for the system's Python, which has pyatspi. Opens nothing itself: runs the pipeline
that is open, selects a card, and prints what it has read and heard as JSON.
"""

import json
import sys
import time

import pyatspi
from gi.repository import GLib

DEADLINE = time.monotonic() + float(sys.argv[1])

NOTHING = 77
"""The exit status where no application comes to the bus at all."""

heard = []


def wait_for(find, status=None):
    """Let events arrive until something is found."""
    context = GLib.MainContext.default()
    while time.monotonic() < DEADLINE:
        while context.iteration(False):
            pass
        try:
            found = find()
        except GLib.GError:
            # What was asked for is just being replaced.
            found = None
        if found:
            return found
        time.sleep(0.1)
    if status is not None:
        sys.exit(status)
    raise SystemExit(f"Not found in time; heard {heard}")


def named(role, name):
    """Return the first object with a role and a name anywhere in the application."""
    for application in pyatspi.Registry.getDesktop(0):
        found = pyatspi.findDescendant(
            application, lambda each: each.getRoleName() == role and each.name == name
        )
        if found is not None:
            return found
    return None


def do(accessible, action):
    """Do an action that an object offers."""
    offered = accessible.queryAction()
    names = [offered.getName(index) for index in range(offered.nActions)]
    offered.doAction(names.index(action))


pyatspi.Registry.registerEventListener(
    lambda event: heard.append(event.any_data), "object:announcement"
)
wait_for(lambda: pyatspi.Registry.getDesktop(0).childCount, NOTHING)
canvas = wait_for(lambda: named("list", "Pipeline canvas"))
wait_for(lambda: canvas.childCount > 5)
children = [(child.getRoleName(), child.name) for child in canvas]
do(wait_for(lambda: named("button", "Run") or named("push button", "Run")), "Press")
wait_for(lambda: [text for text in heard if text.startswith("Run: Completed")])
card = wait_for(lambda: next(each for each in canvas if each.name == "Train Model"))
do(card, "SetFocus")
wait_for(lambda: card.getState().contains(pyatspi.STATE_SELECTED))
wait_for(lambda: [text for text in heard if text.startswith("Train Model")])
print(
    json.dumps(
        {
            "children": children,
            "heard": heard,
            "description": card.description,
            "ports": [[port.name, port.description] for port in card],
        }
    )
)
