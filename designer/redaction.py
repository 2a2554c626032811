"""Texts that are kept or shown, without the passwords in them."""

from __future__ import annotations

import re


def without_secrets(text: str) -> str:
    """Return a text with passwords and signatures in URLs redacted."""
    text = re.sub(r"(?i)([?&;](?:sig|token|password|pwd|key)=)[^&\s'\"]+", r"\1***", text)
    return re.sub(r"(://[^\s:/@]*):[^\s@/\"]+@", r"\1:***@", text)
