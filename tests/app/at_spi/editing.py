"""Editing a pipeline through the accessibility tree: adding, selecting, and linking modules."""

import pyatspi
from screen import do, set_text


class Editing:
    """What is done on the canvas, in the palette, and in the Properties panel.

    Parameters
    ----------
    screen : Screen
        On which the canvas of a pipeline is shown.
    """

    def __init__(self, screen):
        self.screen = screen
        self.canvas = screen.find("list", "Pipeline canvas")

    def cards(self):
        """Return the cards."""
        return [each for each in self.canvas if not each.name.startswith("Link from")]

    def links(self):
        """Return the names of the links."""
        return [each.name for each in self.canvas if each.name.startswith("Link from")]

    def card(self, name):
        """Return a card by its name."""
        return self.screen.find("list item", name, self.canvas)

    def add_from_palette(self, name):
        """Search, select the row with the name, and press the button in the search field."""
        screen, count = self.screen, len(self.cards())
        set_text(screen.find("text", "Search modules"), name)
        do(screen.find("table cell", name, screen.find("tree", "Modules and datasets")), "Toggle")
        screen.press("button", "Add to the pipeline")
        screen.wait(lambda: len(self.cards()) > count, f"a card “{name}”")
        screen.hears(name)

    def add_by_command(self, name):
        """Search for the command that adds a module, and for the module in its list."""
        screen = self.screen
        screen.command("View", "All commands…")
        dialog = screen.find("dialog", "All commands")
        set_text(screen.find("text", "Search commands", dialog), "Add module")
        screen.find("table cell", "Add module…", dialog)
        screen.press("button", "Run the selected command", dialog)
        screen.gone("dialog", "All commands")
        field = screen.find("text", "Search for a module")
        set_text(field, name)
        found = screen.find("list", "Modules found")
        screen.wait(lambda: found.childCount and found[0].name.startswith(name), f"“{name}” found")
        screen.press("button", "Choose the selected module", field)
        self.card(name)

    def select(self, name):
        """Select a card, wait for its page in the Properties panel, and return it."""
        chosen = self.card(name)
        do(chosen, "SetFocus")
        self.screen.wait(
            lambda: chosen.getState().contains(pyatspi.STATE_SELECTED), f"“{name}” selected"
        )
        self.screen.find("label", name)
        return chosen

    def link(self, module, title, source):
        """Choose the output that an input is linked to."""
        chosen = self.select(module)
        self.screen.choose(self.screen.labeled("combo box", title), source)
        text = f"{title} from {source}"
        self.screen.wait(lambda: text in chosen.description, f"{module}: {text}")

    def open_result(self, module, title, what):
        """Open a result by its button in the Properties panel, and return what it shows."""
        self.select(module)
        self.screen.press("button", title)
        return self.screen.find(*what)

    def run(self):
        """Run the pipeline, and wait until each card says that it is completed."""
        before = len(self.screen.heard)
        self.screen.press("button", "Run")
        self.screen.hears("Run: Completed", before)
        done = ("Completed", "Reused")
        self.screen.wait(
            lambda: all(each.description.startswith(done) for each in self.cards()),
            "completed cards",
        )
