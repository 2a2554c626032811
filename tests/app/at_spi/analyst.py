"""Build a text pipeline, compare two runs, deploy it, and send rows: all as JSON."""

import json
import sys

from editing import Editing
from screen import Screen, do, set_text

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

# Runs are listed for a file.
screen.command("File", "Save")
dialog = screen.find("dialog", lambda name: name.startswith("Save"))
set_text(screen.find("text", lambda name: name.startswith("File name"), dialog), sys.argv[3])
screen.press("button", "Save", dialog)
screen.gone("dialog", dialog.name)

# Both runs are selected in their list, and compared.
screen.press("page tab", "Runs")
runs = screen.find("tree", "Runs")


def completed():
    return [each for each in runs if each.name == "Completed"]


screen.wait(lambda: len(completed()) == 2, "two runs")
for each in completed():
    do(each, "Toggle")
screen.press("button", "Compare")
dialog = screen.find("dialog", "Compare runs")
cells = [each.name for each in screen.find("tree", "What differs", dialog)]
place = cells.index("Two-Class Logistic Regression: L2 regularization weight")
differs = cells[place : place + 3]
screen.press("button", "Close", dialog)
screen.gone("dialog", "Compare runs")

# The model answers on this computer, one sentence after the other.
screen.command("Deploy", "Deploy…")
dialog = screen.find("dialog", "Deploy")
set_text(screen.find("text", "Name", dialog), "opinions")
before = len(screen.heard)
screen.press("button", "Deploy", dialog)
screen.hears("“opinions” is running", before)
deployed = screen.heard[before:]
screen.press("button", "Test the endpoint", dialog)
screen.gone("dialog", "Deploy")
answers = []
for sentence in ("great bed lovely staff", "dirty street awful room"):
    set_text(screen.find("text", "opinion"), sentence)
    before = len(screen.heard)
    screen.press("button", "Send")
    answers.append(screen.hears("Scored Labels", before))
response = screen.find("text", "Response").queryText().getText(0, -1)
before = len(screen.heard)
screen.press("button", "Stop")
question = screen.find("alert", lambda name: name.startswith("Stop"))
screen.press("button", "Stop", question)
screen.hears("opinions: stopped", before)
print(
    json.dumps(
        {
            "differs": differs,
            "deployed": deployed,
            "answers": answers,
            "response": response,
        }
    )
)
