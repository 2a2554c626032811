"""PyTorch with reproducible results: fixed threads, a seed, and deterministic algorithms."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from modules.contract.context import threads


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """Set the random state and the threads inside, and restore them afterwards.

    A lack of memory is raised as ``MemoryError``.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads())
    try:
        with seeded(seed):
            yield
    except RuntimeError as error:
        if "allocate memory" in str(error) or "out of memory" in str(error):
            raise MemoryError(str(error)) from error
        raise
    finally:
        torch.set_num_threads(before)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Set the random states of PyTorch and Python inside, and restore them afterwards."""
    import torch

    strict = torch.are_deterministic_algorithms_enabled()
    state = random.getstate()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # Some transformations use Python's own generator.
            random.seed(seed)
            yield
    finally:
        random.setstate(state)
        torch.use_deterministic_algorithms(strict)
