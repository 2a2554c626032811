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
# The outline has the ports below their module.
screen.press("page tab", "Outline")
outline = screen.find("tree", "Modules in the pipeline")
row = screen.find("table cell", lambda name: name.startswith("Score Model"), outline)
collapsed = not row.getState().contains(pyatspi.STATE_EXPANDED)
do(row, "Toggle")
screen.wait(lambda: row.getState().contains(pyatspi.STATE_EXPANDED), "an expanded row")
below = screen.wait(
    lambda: [cell.name for cell in outline if cell.description == "level 2, in Score Model"],
    "ports in the outline",
)
print(
    json.dumps(
        {
            "children": children,
            "heard": screen.heard,
            "description": card.description,
            "outline": [collapsed, below],
            "ports": [[port.name, port.description] for port in card],
        }
    )
)
