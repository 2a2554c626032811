"""Checks of a deployment before it starts, as sentences for the dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.app.background.errors import explained
from designer.composed_texts import in_language
from designer.deployment import ServingError
from designer.deployment.naming import check_key, check_name
from designer.deployment.targets import find_target, parse_options, title_of
from designer.texts import tr


def obstacle(target: str) -> str:
    """Return why nothing can be deployed to a target from here; empty if it can."""
    needs = find_target(target).needs()
    return explained(needs[0]) if needs else ""


def problem_with_name(name: str, there: str, target: str) -> str:
    """Return why a name isn't valid for an endpoint; empty if it is.

    Parameters
    ----------
    there : str
        The target of the endpoint that has the name already.
    """
    if not name:
        return tr("Enter a name.")
    try:
        check_name(name)
    except ServingError as error:
        return explained(error)
    if there != target:
        where = in_language(title_of(there))
        return tr(
            "“{name}” is already deployed to “{where}”. Choose another name, or delete it."
        ).format(name=name, where=where)
    return ""


def problem_with_options(target: str, options: Mapping[str, Any], key: str) -> tuple[str, str]:
    """Return the problem with an option or the key, and which one; empty if there is none.

    Parameters
    ----------
    options : mapping of str to object
        Options of the target.
    key : str
        Empty for a random one.
    """
    try:
        parse_options(find_target(target), options)
        if key:
            check_key(key)
    except ServingError as error:
        missing = error.option in options and options[error.option] is None
        sentence = in_language(error.hint) if missing else explained(error)
        return sentence, error.option
    return "", ""
