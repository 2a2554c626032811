from __future__ import annotations

import re


class PipelineFileError(ValueError):
    """A file can't be read or written as a pipeline.

    Parameters
    ----------
    message : str
        The problem and its location, in one sentence.
    hint : str, optional
        What to do about it, in one sentence.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def named(self, name: str) -> PipelineFileError:
        """Return the same error with the name of its file."""
        message, count = re.subn(r"^The (?:file|pipeline)\b", lambda _: f"“{name}”", self.message)
        if not count:
            message = self.message.replace("in the file", f"in “{name}”", 1)
        return type(self)(message, self.hint)

    def __reduce__(self) -> tuple[type[PipelineFileError], tuple[str, str]]:
        return (type(self), (self.message, self.hint))
