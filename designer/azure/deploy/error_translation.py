"""Errors of Azure as those of serving."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from designer.azure.errors import AzureError, GoneError
from designer.deployment.problem import ServingError
from designer.packaging.errors import PackagingError


@contextlib.contextmanager
def as_serving_errors(name: str = "", *, option: str = "", begun: bool = False) -> Iterator[None]:
    """Turn errors of Azure into those of serving.

    Parameters
    ----------
    name : str
        The endpoint that is the subject.
    option : str
        The option of the target that is the subject.
    begun : bool
        Whether all input has been checked, so that it isn't to blame.
    """
    try:
        yield
    except GoneError as error:
        raise ServingError(
            error.message, error.hint, remedy="delete", subject=name, wrong_input=not begun
        ) from None
    except AzureError as error:
        wrong = not (begun or error.passing)
        raise ServingError(error.message, error.hint, option=option, wrong_input=wrong) from None
    except PackagingError as error:
        problem = error.problems[0]
        raise ServingError(problem.message, problem.hint) from None
