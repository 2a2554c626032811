"""Makes a Python of its own for Azure ML's inference server.

    python benchmarks/azure_server.py

The server asks for an older pydantic and OpenTelemetry than this project has, so it can't be
installed beside it. Its Python lies in ``build/azure_server``; the benchmark of endpoints and
``tests/deployment/test_azure_server.py`` find it there, or where AZURE_SERVER_PYTHON says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from designer.deployment.texts.package_texts import AZURE_SERVER

FOLDER = Path(__file__).resolve().parents[1] / "build" / "azure_server"
NAME = "AZURE_SERVER_PYTHON"


def azure_python() -> Path | None:
    """Return the Python of Azure ML's server; None if there is none yet."""
    given = os.environ.get(NAME)
    place = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = Path(given) if given else FOLDER / place
    return python if python.is_file() else None


def make() -> Path:
    """Make it, if there is none, and return it.

    Raises
    ------
    subprocess.CalledProcessError
        If the packages can't be installed.
    """
    found = azure_python()
    if found is not None:
        return found
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    made = azure_python()
    assert made is not None
    # A compiled package needs no more than numpy beside the server.
    packages = [AZURE_SERVER, f"numpy=={metadata.version('numpy')}"]
    try:
        subprocess.run([str(made), "-m", "pip", "install", "--quiet", *packages], check=True)
    except subprocess.CalledProcessError:
        made.unlink()
        raise
    return made


if __name__ == "__main__":
    print(make())
