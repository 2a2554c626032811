"""Scoring in memory: an inference pipeline's folder as a function from rows to rows.

>>> scorer = Scorer(folder)
>>> scorer.score({"input1": [{"age": 41, "town": "Oslo"}]})
{'output1': [{'age': 41, 'town': 'Oslo', 'Scored Labels': 'yes', ...}]}

The folder is written by ``designer.inference.scoring_folder.write_scoring_folder`` and finished by
:func:`prepare`. It is self-contained: ``scoring.json`` lists the steps, inputs and outputs,
``values/`` contains fitted values, ``samples.json`` example rows. If every step has a
compiled form, it is in ``compiled/``, and scoring imports only numpy; otherwise the steps
run on tables, as they do in a run.

A folder may come from anyone, so a scorer refuses one that does more than compute, unless each
effect is allowed (see :mod:`modules.scoring.effects`).

A scorer may be used by several threads. Every problem in a request is a
:class:`modules.contract.ModuleError` that names the column if there is one.
"""

from __future__ import annotations

from modules.scoring.effects import ALLOWABLE, EVERYTHING, EffectsNotAllowed, StepEffect
from modules.scoring.plan import FORMAT, PLAN, SAMPLES
from modules.scoring.preparing import Prepared, check, prepare
from modules.scoring.row_program import NotByRows
from modules.scoring.scorer import Rows, Scorer

__all__ = [
    "ALLOWABLE",
    "EVERYTHING",
    "FORMAT",
    "PLAN",
    "SAMPLES",
    "EffectsNotAllowed",
    "NotByRows",
    "Prepared",
    "Rows",
    "Scorer",
    "StepEffect",
    "check",
    "prepare",
]
