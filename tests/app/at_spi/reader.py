"""Use the window as a screen reader does: run the pipeline that is open, and select a card.

Prints what it has read and heard as JSON.
"""

import json
import sys

import pyatspi
from screen import Screen, do

screen = Screen(float(sys.argv[1]))
canvas = screen.find("list", "Pipeline canvas")
screen.wait(lambda: canvas.childCount > 5, "cards on the canvas")
children = [(child.getRoleName(), child.name) for child in canvas]
screen.press("button", "Run")
screen.hears("Run: Completed")
card = screen.find("list item", "Train Model", canvas)
do(card, "SetFocus")
screen.wait(lambda: card.getState().contains(pyatspi.STATE_SELECTED), "a selected card")
screen.hears("Train Model")
print(
    json.dumps(
        {
            "children": children,
            "heard": screen.heard,
            "description": card.description,
            "ports": [[port.name, port.description] for port in card],
        }
    )
)
