"""The plan of a scoring folder: what it is called, and whether it can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError, reason_of
from modules.contract.installed import is_module_package
from modules.runtime.loading import load_function, make_packages
from modules.values.saved import inside

PLAN = "scoring.json"
SAMPLES = "samples.json"
COMPILED = "compiled"
PROGRAM = "program.json"
"""In the folder of the compiled form: its steps."""

FORMAT = 1


def read_plan(folder: Path) -> dict[str, Any]:
    """Return the checked plan of a scoring folder.

    Raises
    ------
    ModuleError
        If the folder has none, or one that is damaged or of another format.
    """
    try:
        plan = json.loads((folder / PLAN).read_text("utf-8"))
        if not isinstance(plan, dict) or "format" not in plan:
            raise ValueError(f"{PLAN} doesn't contain a plan")
        version = plan["format"]
    except FileNotFoundError:
        raise ModuleError(
            "not-a-package",
            f"“{folder.name}” is no scoring package: it has no {PLAN}.",
            "Deploy an inference pipeline to make one.",
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModuleError(
            "package-damaged",
            f"The scoring package “{folder.name}” can't be read: {reason_of(error)}.",
            "Make the scoring package again.",
        ) from error
    if version != FORMAT:
        raise ModuleError(
            "package-too-new",
            f"The scoring package “{folder.name}” is of format {version}; this version reads "
            f"{FORMAT}.",
            "Update ModelDesk, or make the scoring package again.",
        )
    wanted = {"inputs": dict, "outputs": dict, "parameters": dict, "steps": list}
    missing = [key for key, kind in wanted.items() if not isinstance(plan.get(key), kind)]
    if not isinstance(plan.get("packages", {}), dict):
        missing.append("packages")
    if missing:
        raise ModuleError(
            "package-damaged",
            f"The scoring package “{folder.name}” has no {missing[0]}.",
            "Make the scoring package again.",
        )
    found: dict[str, Any] = plan
    return found


def write_json(path: Path, content: Any) -> None:
    """Write plain data as JSON that people can read."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def load_packages(folder: Path, plan: dict[str, Any]) -> None:
    """Let the classes of kept values be found that are of the author's own modules.

    Raises
    ------
    ModuleError
        If the plan names anything else.
    """
    packages = plan.get("packages", {})
    for name in packages:
        top, _, rest = str(name).partition(".")
        place = folder / top / rest
        if top != "user_modules" or not rest.isidentifier() or not place.is_dir():
            raise ModuleError(
                "package-damaged",
                f"The scoring package “{folder.name}” lacks the modules “{name}”.",
                "Make the scoring package again.",
            )
        make_packages(name, place)


def step_function(folder: Path, step: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the module function of a step.

    Raises
    ------
    ModuleError
        If it is not in a package of modules, or can't be imported.
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
            "Make the scoring package again with this version.",
        ) from error
