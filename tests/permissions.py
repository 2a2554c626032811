"""Permissions that bind the tests, also where root runs them."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_VERSION_3 = 0x20080522
_OVERRIDING = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; see capabilities(7)."""


_GET_SECUREBITS, _SET_SECUREBITS, _NO_SETUID_FIXUP = 27, 28, 1 << 2
"""Of prctl(2)."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def binding_permissions() -> Iterator[None]:
    """Let permissions bind this thread as they bind everybody but root."""
    if os.name == "nt":
        pytest.skip("permissions of POSIX")
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("nothing binds root")
    header, sets = _Header(_VERSION_3, 0), (_Sets * 2)()
    bits = _call("prctl", _GET_SECUREBITS)
    _call("capget", ctypes.byref(header), sets)
    before = sets[0].effective
    # Otherwise access(2) asks for what root may do.
    _call("prctl", _SET_SECUREBITS, bits | _NO_SETUID_FIXUP)
    sets[0].effective = before & ~_OVERRIDING
    _call("capset", ctypes.byref(header), sets)
    try:
        yield
    finally:
        sets[0].effective = before
        _call("capset", ctypes.byref(header), sets)
        _call("prctl", _SET_SECUREBITS, bits)


def _call(name: str, *arguments: Any) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = getattr(libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result
