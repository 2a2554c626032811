"""The conda file of a script's job: its own, or one with the versions that are used here."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

from designer.packaging import environment
from designer.scripts.configuration import CURRENT, ScriptConfiguration
from designer.scripts.problem import ScriptError

_TRACKING = "mlflow"
_PLUG_IN = "azureml-mlflow"
"""Lets the script's MLflow log into its run on Azure ML."""


def conda_of(configuration: ScriptConfiguration) -> str:
    """Return the text of the conda file.

    ``current`` means the versions that are installed here of what the script and its own modules
    import.

    Raises
    ------
    PackagingError
        If the versions aren't known.
    ScriptError
        If the environment file can't be read.
    """
    if configuration.environment == CURRENT:
        names = imported(configuration.script)
        text = environment.conda_file(names)
        return text + (f"      - {_PLUG_IN}\n" if _TRACKING in names else "")
    file = Path(configuration.environment)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"“{file}” can't be read: {error}.") from error
    if file.suffix != ".txt":
        return text
    lines = [line.strip() for line in text.splitlines()]
    included = next((line for line in lines if re.match(r"-[rce]\b|--[a-z]", line)), None)
    if included is not None:
        raise ScriptError(
            f"“{file.name}” has the line “{included}”, which a job can't follow.",
            "List the packages themselves.",
        )
    wanted = [line for line in lines if line and not line.startswith("#")]
    python = ".".join(map(str, sys.version_info[:2]))
    dependencies = [f"python={python}", "pip", *([{"pip": wanted}] if wanted else [])]
    content = {"name": environment.NAME, "dependencies": dependencies}
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def imported(script: Path) -> list[str]:
    """Return the distributions that a script and the modules beside it import, if installed."""
    known = packages_distributions()
    tops: set[str] = set()
    waiting, seen = [script], {script}
    while waiting:
        for name in _imports(waiting.pop()):
            beside = [script.parent / f"{name}.py", script.parent / name / "__init__.py"]
            own = [path for path in beside if path.is_file()]
            tops |= set() if own else {name}
            waiting += [path for path in own if path not in seen]
            seen.update(own)
    # Several may install the same package; the one of its name has all of it.
    return sorted(
        {
            next((each for each in known[name] if each == name), known[name][0])
            for name in tops
            if name in known
        }
    )


def _imports(file: Path) -> set[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
