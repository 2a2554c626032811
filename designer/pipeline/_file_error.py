from __future__ import annotations


class PipelineFileError(ValueError):
    """A file can't be read or written as a pipeline.

    Parameters
    ----------
    message : str
        One sentence that says what is wrong, and where.
    hint : str, optional
        One sentence that says what to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[PipelineFileError], tuple[str, str]]:
        return (type(self), (self.message, self.hint))
