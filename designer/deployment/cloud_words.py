"""Errors of Azure's in the words of serving."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from designer.deployment.problem import ServingError


@contextlib.contextmanager
def in_words(name: str = "", *, begun: bool = False) -> Iterator[None]:
    """Turn errors of Azure's into those of serving.

    Parameters
    ----------
    name : str
        The endpoint that Azure is asked about.
    begun : bool
        Whether everything that was asked for has been checked, so that it is not to blame.
    """
    from designer.azure.compile.problems import CompileError
    from designer.azure.errors import AzureError, GoneError

    try:
        yield
    except GoneError as error:
        raise ServingError(
            error.message, error.hint, remedy="delete", subject=name, wrong_input=not begun
        ) from None
    except AzureError as error:
        wrong = not (begun or error.passing)
        raise ServingError(error.message, error.hint, wrong_input=wrong) from None
    except CompileError as error:
        problem = error.problems[0]
        raise ServingError(problem.message, problem.hint) from None
