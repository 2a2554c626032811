"""Standard streams that mask secrets, for programs whose output goes to a log as it is."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from modules.contract.secrets import Masking, on_secret


@contextmanager
def masked_output() -> Iterator[None]:
    """Mask the secrets that steps fetch in what Python code prints inside.

    The output of programs that a step starts, and of libraries that write to the descriptors
    themselves, stays as it is.
    """
    before = sys.stdout, sys.stderr
    # A program without a console may not have any.
    streams = [None if each is None else _Masked(each) for each in before]
    sys.stdout, sys.stderr = cast(list[TextIO], streams)
    try:
        yield
    finally:
        for stream in streams:
            if stream is not None:
                stream.finish()
        sys.stdout, sys.stderr = before


class _Masked(io.TextIOBase):
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._masking = Masking()
        on_secret(self._masking.add)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def write(self, text: str, /) -> int:
        content = self._masking.mask(text.encode("utf-8", "surrogatepass"))
        self._stream.write(content.decode("utf-8", "surrogatepass"))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        """Write what was held back because a secret could have begun with it."""
        self._stream.write(self._masking.finish().decode("utf-8", "surrogatepass"))
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
