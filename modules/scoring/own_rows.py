"""The rows of the user's own data in a scoring folder: only what scoring needs is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.scoring.effects import EVERYTHING
from modules.scoring.examples import made_up_rows, made_up_table
from modules.scoring.plan import PLAN, SAMPLES, read_plan, write_json
from modules.scoring.scorer import Rows, Scorer
from modules.values import storage

Same = Callable[[Mapping[str, Rows], Mapping[str, Rows]], bool]


def leave_out_labels(scorer: Scorer, samples: Mapping[str, Rows], same: Same) -> Scorer:
    """Remove the labels of tables that are looked up, where no output depends on them.

    Parameters
    ----------
    samples : mapping of str to list of dict
        Rows to compare the outputs of.
    same : callable
        Whether two outputs are equal.

    Returns
    -------
    Scorer
        One of the folder as it is now, with tables.
    """
    if not all(samples.values()):
        return scorer
    for node, table in scorer.tables.kept_tables().items():
        labels = [name for name in table.names if table.roles.get(name) == Role.LABEL]
        if not labels or len(labels) == len(table.names):
            continue
        plan = read_plan(scorer.folder)
        step = next(each for each in plan["steps"] if each["node"] == node)
        if len(step["paths"]) != 1 or not _is_value(scorer.folder, step):
            continue
        (name,) = step["paths"]
        before = step["parameters"][name]
        without = table.with_frame(table.frame.drop(columns=labels))
        step["parameters"][name] = _stored(scorer.folder, before, "unlabeled", without)
        former = (scorer.folder / PLAN).read_text("utf-8")
        write_json(scorer.folder / PLAN, plan)
        try:
            fresh = Scorer(scorer.folder, compiled=False, allowed=EVERYTHING)
            equal = same(fresh.score(samples), scorer.score(samples))
        except ModuleError:
            equal = False
        if equal:
            scorer = fresh
        else:
            (scorer.folder / PLAN).write_text(former, "utf-8")
    _remove_unused(scorer.folder)
    return scorer


def make_up_examples(scorer: Scorer, tables: Mapping[str, DataTable]) -> None:
    """Replace example rows by made-up ones; without any, if those can't be scored.

    Parameters
    ----------
    tables : mapping of str to DataTable
        The example rows of each input that has some.
    """
    folder = scorer.folder
    rows = {name: made_up_rows(each, tables.get(name)) for name, each in scorer.inputs.items()}
    try:
        Scorer(folder, allowed=EVERYTHING).score(rows)
    except Exception:
        # A script may accept only rows like the user's own.
        rows = {name: [] for name in rows}
    write_json(folder / SAMPLES, rows)
    plan = read_plan(folder)
    for name, table in tables.items():
        made = made_up_table(scorer.inputs[name], table)
        plain = plan["inputs"][name]
        plain["sample"] = _stored(folder, plain["sample"], "example", made)
    write_json(folder / PLAN, plan)
    _remove_unused(folder)


def _stored(folder: Path, before: str, what: str, table: DataTable) -> str:
    """Store a table beside the one that it replaces; return its path in the folder."""
    path = f"{before.rpartition('-')[0]}-{what}"
    shutil.rmtree(folder / path, ignore_errors=True)
    storage.save(table, folder / path)
    return path


def _is_value(folder: Path, step: Mapping[str, Any]) -> bool:
    (name,) = step["paths"]
    return Path(folder, step["parameters"][name], storage.MARKER).is_file()


def _remove_unused(folder: Path) -> None:
    """Remove the stored tables that nothing in the plan names."""
    text = json.dumps(read_plan(folder), ensure_ascii=False)
    for path in (folder / "values").glob("*"):
        if json.dumps(f"values/{path.name}", ensure_ascii=False)[1:-1] not in text:
            shutil.rmtree(path)
