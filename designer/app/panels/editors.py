"""From a parameter to the editor of its value, one class for each kind of parameter.

Each shows a plain JSON value (``set_value``) and signals when the user changes it
(``edited``). Input is passed on even if it is invalid: the
panel shows the problem, and no input is lost.
"""

from __future__ import annotations

from designer.app.panels.column_editors import (
    ColumnEditor,
    ColumnsEditor,
    ColumnTypesEditor,
    ValueEditor,
)
from designer.app.panels.editor import Context, Editor
from designer.app.panels.path_editor import PathEditor
from designer.app.panels.rules_editor import RulesEditor
from designer.app.panels.script_editor import ScriptEditor
from designer.app.panels.value_editors import (
    BooleanEditor,
    ChoiceEditor,
    ChoicesEditor,
    DataEditor,
    LinesEditor,
    NumberEditor,
    SecretEditor,
    TextEditor,
)
from modules.contract import Columns, Parameter, Rules, Text, TypesOfColumns, ValueOf


def make_editor(parameter: Parameter, context: Context) -> Editor:
    """Return the editor that fits a parameter."""
    marker = parameter.marker
    kind = parameter.kind
    if kind == "boolean":
        fitting: type[Editor] = ChoiceEditor if parameter.optional else BooleanEditor
    elif kind == "columns":
        single = isinstance(marker, Columns) and marker.single
        fitting = ColumnEditor if single else ColumnsEditor
    elif isinstance(marker, TypesOfColumns):
        fitting = ColumnTypesEditor
    elif isinstance(marker, Rules):
        fitting = RulesEditor
    elif kind == "text" and isinstance(marker, Text):
        fitting = LinesEditor
    elif kind == "text" and isinstance(marker, ValueOf):
        fitting = ValueEditor
    else:
        fitting = {
            "choice": ChoiceEditor,
            "choices": ChoicesEditor,
            "integer": NumberEditor,
            "number": NumberEditor,
            "script": ScriptEditor,
            "path": PathEditor,
            "secret": SecretEditor,
            "text": TextEditor,
        }.get(kind, DataEditor)
    return fitting(parameter, context)
