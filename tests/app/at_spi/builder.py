"""Build, run, and read a pipeline through the accessibility tree alone, as JSON."""

import json
import sys

import pyatspi
from editing import Editing
from screen import Screen, do, labels_of, set_text, table_of

DATA = sys.argv[2]

MODULES = (
    "Dataset",
    "Select Columns in Dataset",
    "Clean Missing Data",
    "Split Data",
    "Linear Regression",
    "Train Model",
    "Score Model",
)

LINKS = (
    ("Select Columns in Dataset", "Dataset", "Dataset"),
    ("Clean Missing Data", "Dataset", "Select Columns in Dataset"),
    ("Split Data", "Dataset", "Clean Missing Data, cleaned dataset"),
    ("Train Model", "Untrained model", "Linear Regression"),
    ("Train Model", "Dataset", "Split Data, results dataset1"),
    ("Score Model", "Trained model", "Train Model"),
    ("Score Model", "Dataset", "Split Data, results dataset2"),
    ("Evaluate Model", "Scored dataset", "Score Model"),
)

screen = Screen(float(sys.argv[1]))
screen.press("button", "New pipeline")


editing = Editing(screen)
card, cards = editing.card, editing.cards
select, link, links_of_canvas = editing.select, editing.link, editing.links
open_result = editing.open_result

for module in MODULES:
    editing.add_from_palette(module)
select("Score Model")
editing.add_by_command("Evaluate Model")

select("Dataset")
set_text(screen.find("text", "File"), DATA)
columns = card("Dataset")[0]
screen.wait(lambda: "26 columns" in columns.description, "columns of the file")
for each in LINKS:
    link(*each)


# A link is deleted where it was made, and made again.
before = len(screen.heard)
score = select("Score Model")
gone = "Link from Split Data, results dataset2 to Score Model, dataset"
screen.wait(lambda: gone in links_of_canvas(), "the link to be deleted")
screen.choose(screen.labeled("combo box", "Dataset"), "Not linked")
screen.wait(lambda: "Dataset: not linked" in score.description, "a deleted link")
screen.wait(lambda: gone not in links_of_canvas(), "a link that is gone from the canvas")
unlinked = screen.hears("Score Model", before)
link("Score Model", "Dataset", "Split Data, results dataset2")

# The pipeline is checked a moment after each change.
unfinished = card("Select Columns in Dataset")
screen.wait(lambda: "1 error: No columns" in unfinished.description, "a problem on a card")
before = len(screen.heard)
select("Select Columns in Dataset")
problem = screen.hears("Select Columns in Dataset", before)
# A run with errors is refused in the message bar.
before = len(screen.heard)
screen.press("button", "Run")
refused = screen.wait(
    lambda: next((text for text in screen.heard[before:] if "no columns are chosen." in text), ""),
    "a refused run read out",
)
# From the list of problems back to the parameter.
select("Score Model")
screen.press("page tab", lambda name: name.startswith("Problems"))
row = screen.find("table cell", "No columns are chosen.", screen.find("tree", "Problems"))
do(row, "Toggle")
screen.wait(lambda: unfinished.getState().contains(pyatspi.STATE_SELECTED), "a card of a problem")
screen.press("button", "Edit Select columns")
dialog = screen.find("dialog", "Select columns")
screen.press("page tab", "With rules", dialog)
screen.choose(screen.labeled("combo box", "Begin with", dialog), "All columns")
screen.press("button", "Add rule", dialog)
rule = [
    labels_of(screen.labeled("combo box", "Rule 1: action", dialog)),
    screen.labeled("combo box", "Rule 1: action", dialog).name,
]
set_text(screen.find("text", "Rule 1: names", dialog), "normalized-losses")
preview = screen.find("label", lambda name: name.startswith("25 of 26"), dialog).name
screen.press("button", "OK", dialog)
screen.gone("dialog", "Select columns")

select("Clean Missing Data")
screen.choose(screen.labeled("combo box", "Cleaning mode"), "Remove entire row")
select("Split Data")
fraction = screen.find("spin button", "Fraction of rows in the first output dataset")
fraction.queryValue().currentValue = 0.7
screen.wait(lambda: fraction.queryText().getText(0, -1) == "0.7", "a fraction of 0.7")
train = select("Train Model")
screen.choose(screen.labeled("combo box", "Label column"), "price")
screen.wait(lambda: not [each for each in cards() if "error" in each.description], "no errors")

editing.run()
read = {each.name: each.description for each in cards()}
links = links_of_canvas()

evaluated = open_result("Evaluate Model", "Evaluation results", ("chart", "Residuals"))
window = evaluated
while window.getRoleName() != "frame":
    window = window.parent
metrics = {}


def read_metrics(accessible):
    name, colon, _ = accessible.name.partition(" of Linear Regression: ")
    if colon:
        metrics[name] = accessible.description
    for each in accessible:
        read_metrics(each)


read_metrics(screen.find("filler", "Metrics", window))
do(evaluated, "Press")
values = screen.find("dialog", "Values of Residuals")
residuals = table_of(screen.find("table", "Table: Residuals", values))
screen.press("button", "Close", values)
table = open_result("Score Model", "Scored dataset  58 × 26", ("table", "Table"))
# The rows are read behind the window.
screen.wait(lambda: table.queryTable().getAccessibleAt(0, 0).name, "rows of the dataset")
scored = table_of(table, rows=3)

select("Split Data")
fraction = screen.find("spin button", "Fraction of rows in the first output dataset")
set_text(fraction, "0.8")
screen.wait(lambda: "Changed since" in train.description, "a card that is stale")
before = len(screen.heard)
select("Train Model")
stale = screen.hears("Train Model", before)
print(
    json.dumps(
        {
            "problem": problem,
            "unlinked": unlinked,
            "refused": refused,
            "rule": rule,
            "preview": preview,
            "cards": read,
            "links": links,
            "heard": screen.heard,
            "window": window.name,
            "metrics": metrics,
            "residuals": residuals,
            "scored": scored,
            "stale": stale,
        }
    )
)
