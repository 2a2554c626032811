"""Build a text pipeline, run it twice, compare the runs, deploy it, and send a row: all as JSON."""

import json
import sys

import pyatspi
from editing import Editing
from screen import Screen, do, set_text, table_of

DATA = sys.argv[2]

MODULES = (
    "Dataset",
    "Extract N-Gram Features from Text",
    "Two-Class Logistic Regression",
    "Train Model",
    "Score Model",
    "Evaluate Model",
)

NGRAMS = "Extract N-Gram Features from Text"

LINKS = (
    (NGRAMS, "Dataset", "Dataset"),
    ("Train Model", "Untrained model", "Two-Class Logistic Regression"),
    ("Train Model", "Dataset", f"{NGRAMS}, results dataset"),
    ("Score Model", "Trained model", "Train Model"),
    ("Score Model", "Dataset", f"{NGRAMS}, results dataset"),
    ("Evaluate Model", "Scored dataset", "Score Model"),
)

screen = Screen(float(sys.argv[1]))
screen.press("button", "New pipeline")
editing = Editing(screen)
for module in MODULES:
    editing.add_from_palette(module)
editing.select("Dataset")
set_text(screen.find("text", "File"), DATA)
columns = editing.card("Dataset")[0]
screen.wait(lambda: "2 columns" in columns.description, "columns of the file")
for each in LINKS:
    editing.link(*each)
editing.select(NGRAMS)
screen.choose(screen.labeled("combo box", "Text column"), "opinion")
editing.select("Train Model")
screen.choose(screen.labeled("combo box", "Label column"), "liked")
editing.run()

# Again with another setting.
editing.select("Two-Class Logistic Regression")
weight = screen.find("spin button", "L2 regularization weight")
set_text(weight, "50")
editing.run()

# Both runs are selected in their list, and compared.
screen.press("page tab", "Runs")
runs = screen.find("tree", "Runs")
cells = screen.wait(lambda: [each for each in runs if each.name == "Completed"][1:], "two runs")
