"""One module as a program: ``python -m modules.step``; see :mod:`modules.runtime.step`."""

import sys

from modules.runtime.step import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
