"""A tree of a model as plain data, to be drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TreeNode:
    """A node of a drawn tree.

    Parameters
    ----------
    test : str
        What is asked; empty for a leaf.
    value : str
        What the tree predicts there.
    rows : float
        Training rows; of weighted ones the sum of the weights.
    left, right : int
        The positions of its children; -1 for a leaf.
    yes_left : bool
        Whether rows that pass the test go left.
    """

    test: str
    value: str
    rows: float
    left: int = -1
    right: int = -1
    yes_left: bool = True


@dataclass(frozen=True)
class DrawnTree:
    """A tree of a model.

    Parameters
    ----------
    number, count : int
        Which of how many trees, from 1.
    output : str
        The class that it votes for, if the model has trees for each class.
    nodes : tuple of TreeNode
        The root first.
    path : tuple of int
        The nodes that the row passes, from the root to a leaf; empty without a row.
    model : str
        Which model of an ensemble it belongs to; empty if there is only one.
    summed : bool
        The values of all trees are added up; otherwise they vote.
    """

    number: int
    count: int
    output: str
    nodes: tuple[TreeNode, ...]
    path: tuple[int, ...] = ()
    summed: bool = False
    model: str = ""
