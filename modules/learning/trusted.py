"""Types that stored estimators of a family hold, beyond skops' own list.

Each was read: building it from a file sets attributes or fills arrays, and runs no code from
outside.
"""

from __future__ import annotations

FOREST = ("sklearn.tree._tree.Tree",)
"""A tree checks the arrays of its nodes when it is built: their types, shapes and children."""

BOOSTING = (
    "functools.partial",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils.validation.check_array",
)
"""Losses and their links hold no state but numbers; bins and trees are arrays. The one
``functools.partial`` calls ``check_array``: what a partial would call is checked like every
other type."""
