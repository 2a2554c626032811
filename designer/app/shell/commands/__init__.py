"""The commands of the window: each is declared at its method.

Menus, tool bar, shortcuts, context menus, the list of shortcuts and the command palette
are all made from these entries, so they can't disagree.

>>> class Greetings:
...     @command("Print hello", "Ctrl+H", help="Greet the user.", menus="Help 1.3")
...     def say_hello(self) -> None:
...         print("Hello")
>>> commands.add(Greetings())
"""

from __future__ import annotations

from designer.app.shell.commands.command import CONDITIONS, Command, command
from designer.app.shell.commands.commands import Commands

__all__ = ["CONDITIONS", "Command", "Commands", "command"]
