"""Start the endpoint as a program."""

from __future__ import annotations

import sys

from modules.endpoint.server import main

if __name__ == "__main__":
    sys.exit(main())
