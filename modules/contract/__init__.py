"""The language that modules are written in.

>>> from modules.contract import DataTable, module
"""

from modules.contract.columns import ColumnRule, ColumnSelector
from modules.contract.context import report_progress, warn
from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.errors import ModuleError
from modules.contract.markers import (
    ANOMALY,
    CLUSTERING,
    PREDICTING,
    SCORING,
    AsTables,
    Comparison,
    Needed,
    Numbers,
    Requires,
    Rules,
    Script,
    Secret,
    Sweep,
    Tasks,
    Text,
    TriesValues,
    TypesOfColumns,
    ValueOf,
    When,
)
from modules.contract.parameter import RangeToTry, Search, ValuesToTry
from modules.contract.port_type import AnyValue
from modules.contract.row_form import ExampleStep, RowForm, RowStep
from modules.contract.secrets import secret
from modules.contract.specification import (
    Category,
    Columns,
    Effects,
    ModuleSpec,
    Parameter,
    PathOf,
    Port,
    Serving,
    module,
)
from modules.contract.value import Value

__all__ = [
    "ANOMALY",
    "CLUSTERING",
    "PREDICTING",
    "SCORING",
    "AnyValue",
    "AsTables",
    "Category",
    "ColumnRule",
    "ColumnSelector",
    "Columns",
    "Comparison",
    "DataTable",
    "Effects",
    "ExampleStep",
    "ModuleError",
    "ModuleSpec",
    "Needed",
    "Numbers",
    "Parameter",
    "PathOf",
    "Port",
    "RangeToTry",
    "Requires",
    "Role",
    "RowForm",
    "RowStep",
    "Rules",
    "Scoring",
    "Script",
    "Search",
    "Secret",
    "Serving",
    "Sweep",
    "Tasks",
    "Text",
    "TriesValues",
    "TypesOfColumns",
    "Value",
    "ValueOf",
    "ValuesToTry",
    "When",
    "module",
    "report_progress",
    "secret",
    "warn",
]
