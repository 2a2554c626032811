"""Whether the user wants things to move, and bars that would."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from PySide6.QtWidgets import QProgressBar

_chosen = ["system"]

_SECONDS = 2.0
"""For a program that reads a setting."""


def choose(motion: str) -> None:
    """Follow the user's setting from now on: ``reduced``, ``full``, or ``system``."""
    _chosen[0] = motion
    reduced_motion.cache_clear()


def set_length(bar: QProgressBar, length: int) -> None:
    """Set the value at which a bar is full.

    Parameters
    ----------
    length : int
        0 while it isn't known: the bar moves, or is empty if the user asks for less motion.
    """
    if length == 0 and reduced_motion():
        bar.setRange(0, 1)
        bar.setValue(0)
    else:
        bar.setRange(0, length)


@cache
def reduced_motion() -> bool:
    """Return whether the user, or the system, asks for less motion.

    Read once, as the system's setting seldom changes.

    Qt doesn't know this setting. Windows calls it animation effects, macOS and GNOME reduced
    motion and animations. Where it can't be read, things move.
    """
    if _chosen[0] != "system":
        return _chosen[0] == "reduced"
    if sys.platform == "win32":
        return _windows_animates() is False
    if sys.platform == "darwin":
        return _answer("defaults", "read", "com.apple.universalaccess", "reduceMotion") == "1"
    settings = "org.gnome.desktop.interface"
    return _answer("gsettings", "get", settings, "enable-animations") == "false"


def _answer(*command: str) -> str:
    """Return what a program prints; nothing if it isn't there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _windows_animates() -> bool | None:
    """Return the system's setting of animations in windows; None if it can't be read."""
    import ctypes

    animates = ctypes.c_int(1)
    get_client_area_animation = 0x1042
    user = getattr(ctypes, "windll").user32  # noqa: B009
    found = user.SystemParametersInfoW(get_client_area_animation, 0, ctypes.byref(animates), 0)
    return bool(animates.value) if found else None
