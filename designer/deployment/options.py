"""The options of deployment targets; command line, window and checks derive from it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from designer.deployment.problem import ServingError
from designer.texts import N_

Kind = Literal["integer", "number", "string", "choice", "file"]


@dataclass(frozen=True, eq=False)
class Option:
    """An option of a deployment target.

    Options of one name are one option on the command line and in the window, so they should be
    equal; the first target's counts.

    Parameters
    ----------
    name : str
        An identifier; ``instance_type`` is ``--instance-type`` on the command line.
    title : str
        Its label in the window.
    help : str
        A noun phrase with a full stop, without targets and default.
    kind : str
        The type of its value; a ``file`` is a :class:`~pathlib.Path`.
    default : object
        None if it has no value unless one is given.
    default_text : str
        The placeholder for such a value.
    minimum, maximum : float
        The limits of a number.
    unit : str
        Of a number, ``GB`` for example.
    is_share : bool
        The number is a share from 0 to 1, which the window shows in percent.
    choices : mapping of str to str
        The titles of what can be chosen, by value.
    suggestions : tuple of str
        Usual values; others can be entered.
    pattern : str
        A regular expression that a string matches as a whole.
    invalid : str
        The error for any other value, which replaces ``{}``.
    hint : str
        What to do about that.
    required : str
        What to do if there is no value; empty if it can be left out.
    placeholder : str
        What an empty field shows.
    file_name : str
        The usual name of the file, searched beside the pipeline and in the current folder.
    in_files : bool
        Whether the files of a deployment depend on it; otherwise only deploying does.
    remembered : bool
        Whether the window suggests its last value.
    check : callable
        Raises ServingError for a value that can't be used for another reason.
    """

    name: str
    title: str
    help: str
    kind: Kind = "string"
    default: Any = None
    default_text: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    unit: str = ""
    is_share: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    pattern: str = ".+"
    invalid: str = "“{}” can't be used."
    hint: str = ""
    required: str = ""
    placeholder: str = ""
    file_name: str = ""
    in_files: bool = True
    remembered: bool = True
    check: Callable[[Any], object] | None = None

    def parse(self, value: Any) -> Any:
        """Return a value in the type of this option.

        Raises
        ------
        ServingError
            If it can't be used.
        """
        if self.kind == "file":
            value = Path(value)
        elif self.kind in ("integer", "number"):
            self._check_number(value)
        elif self.kind == "choice" and value not in self.choices:
            raise self.error(self.invalid.format(value), f"Use {', '.join(self.choices)}.")
        elif self.kind == "string" and not re.fullmatch(self.pattern, str(value)):
            raise self.error(self.invalid.format(value), self.hint)
        if self.check is not None:
            self.check(value)
        return value

    def error(self, message: str, hint: str = "") -> ServingError:
        """Return an error about this option."""
        return ServingError(message, hint, option=self.name)

    def _check_number(self, value: Any) -> None:
        kinds = (int,) if self.kind == "integer" else (int, float)
        right = isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
        if not right or not self.minimum <= value <= self.maximum:
            what = "an integer" if self.kind == "integer" else "a number"
            limits = f"from {self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()
            raise self.error(f"{self.title} must be {what} {limits}, not {value}.")


PORT = Option(
    "port",
    "Port",
    "Port on this computer.",
    "integer",
    default_text="the next free port",
    minimum=1,
    maximum=65535,
    placeholder="Any free port",
    remembered=False,
)

CORES = Option(
    "cores",
    "Cores",
    "CPU cores of each instance.",
    "number",
    default=1.0,
    minimum=0.1,
    maximum=128,
    unit=N_("cores"),
)

MEMORY = Option(
    "memory",
    "Memory",
    "Memory of each instance in GB.",
    "number",
    default=2.0,
    minimum=0.1,
    maximum=4096,
    unit="GB",
)

INSTANCES = Option(
    "instances",
    "Instances",
    "Number of instances.",
    "integer",
    default=1,
    minimum=1,
    maximum=500,
)

RECORD = Option(
    "record",
    "Share of requests to record",
    "Share of the requests that is recorded with their scores, from 0 to 1.",
    "number",
    default=0.0,
    minimum=0,
    maximum=1,
    is_share=True,
)

KEEP_DAYS = Option(
    "keep_days",
    "Days to keep them",
    "Days after which recorded requests are deleted.",
    "integer",
    default=30,
    minimum=1,
    maximum=3650,
    unit=N_("days"),
)

LEAVE_OUT = Option(
    "leave_out",
    "Columns not to record",
    "Columns that are never recorded, separated by commas.",
    default="",
    pattern=".*",
    placeholder="name, address",
)
