"""Select several cards, be refused, and read a confusion matrix: all as JSON."""

import json
import sys

import pyatspi
from screen import Screen, do, table_of

screen = Screen(float(sys.argv[1]))
canvas = screen.find("list", "Pipeline canvas")
screen.wait(lambda: canvas.childCount > 5, "cards on the canvas")

selection = canvas.querySelection()
for index, each in enumerate(canvas):
    if each.name in ("Enter Data Manually", "Multiclass Logistic Regression"):
        selection.selectChild(index)
screen.hears("2 items selected")
do(screen.find("menu item", "Edit"), "ShowMenu")
screen.press("menu item", "Link modules")
refusal = screen.hears("These modules")

screen.press("button", "Run")
screen.hears("Run: Completed")
card = screen.find("list item", "Evaluate Model", canvas)
do(card, "SetFocus")
screen.wait(lambda: card.getState().contains(pyatspi.STATE_SELECTED), "a selected card")
screen.press("button", "Evaluation results")
chart = screen.find("chart", "Confusion matrix")
description = chart.description
do(chart, "Press")
values = screen.find("dialog", lambda name: name.startswith("Values of"))
matrix = table_of(screen.find("table", lambda name: name.startswith("Table"), values))
screen.press("button", "Close", values)
screen.press("page tab", "Each class")
classes = table_of(screen.find("table", "Each class"))
print(
    json.dumps(
        {
            "refusal": refusal,
            "description": description,
            "matrix": matrix,
            "classes": classes,
        }
    )
)
