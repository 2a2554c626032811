"""The plan of a scoring folder: its name, and its validation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.installed import is_module_package
from modules.contract.json_files import read_json
from modules.contract.registry.discovery import make_packages
from modules.runtime.loading import load_function
from modules.values.saved import inside

PLAN = "scoring.json"
SAMPLES = "samples.json"
COMPILED = "compiled"
PROGRAM = "program.json"
"""File in the folder of the compiled form: its steps."""

FORMAT = 1


def read_plan(folder: Path) -> dict[str, Any]:
    """Return the checked plan of a scoring folder.

    Raises
    ------
    ModuleError
        If it is missing, damaged, or has another format.
    """
    try:
        plan = read_json(folder / PLAN)
        if "format" not in plan:
            raise ValueError(f"{PLAN} doesn't contain a plan")
        version = plan["format"]
    except FileNotFoundError:
        raise ModuleError(
            "not-a-package",
            f"“{folder.name}” isn't a scoring package: it doesn't contain {PLAN}.",
            "Deploy an inference pipeline to create one.",
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModuleError(
            "package-damaged",
            f"The scoring package “{folder.name}” can't be read: {reason_of(error)}.",
            "Create the scoring package again.",
        ) from error
    if version != FORMAT:
        raise ModuleError(
            "package-too-new",
            f"The scoring package “{folder.name}” has format {version}; this version supports "
            f"{FORMAT}.",
            "Update ModelDesk, or create the scoring package again.",
        )
    wanted = {"inputs": dict, "outputs": dict, "parameters": dict, "steps": list}
    missing = [key for key, kind in wanted.items() if not isinstance(plan.get(key), kind)]
    if not isinstance(plan.get("packages", {}), dict):
        missing.append("packages")
    if missing:
        raise ModuleError(
            "package-damaged",
            f"The scoring package “{folder.name}” doesn't contain {missing[0]}.",
            "Create the scoring package again.",
        )
    found: dict[str, Any] = plan
    return found


def write_json(path: Path, content: Any) -> None:
    """Write plain data as readable JSON."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def load_packages(folder: Path, plan: dict[str, Any]) -> None:
    """Make the classes of stored values from the author's own modules importable.

    Raises
    ------
    ModuleError
        If the plan contains anything else.
    """
    packages = plan.get("packages", {})
    for name in packages:
        top, _, rest = str(name).partition(".")
        package = folder / top / rest
        if top != "user_modules" or not rest.isidentifier() or not package.is_dir():
            raise ModuleError(
                "package-damaged",
                f"The scoring package “{folder.name}” doesn't contain the modules “{name}”.",
                "Create the scoring package again.",
            )
        make_packages(name, package)


def step_function(folder: Path, step: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the module function of a step.

    Raises
    ------
    ModuleError
        If it isn't in a package of modules, or can't be imported.
    """
    file = inside(folder, step["file"]) if step.get("file") else None
    if not is_module_package(str(step["module"])):
        raise ModuleError(
            "module-unknown",
            f"The module “{step['module']}” of “{step['node']}” isn't installed.",
            "Install the package that contains it.",
        )
    try:
        return load_function(step["module"], file, step["function"])
    except (ImportError, AttributeError, TypeError) as error:
        raise ModuleError(
            "module-unknown",
            f"The module of “{step['node']}” can't be loaded: {reason_of(error)}.",
            "Create the scoring package again with this version.",
        ) from error
