"""The plan of a scoring folder: what it is called, and whether it can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError, reason_of
from modules.runtime.loading import make_packages

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
            raise ValueError(f"{PLAN} does not hold a plan")
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
