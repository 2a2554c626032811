"""The files of a scoring package for running it: environments, Dockerfile, scripts."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from importlib import metadata

from designer.packaging.environment import CONTRACT, conda_programs, debian_packages, pinned

SERVER = ("uvicorn", "httptools", "uvloop")
"""Distributions that the endpoint needs; the last two make it faster."""

AZURE_SERVER = "azureml-inference-server-http==1.5.1"
"""Azure ML's own server, which managed endpoints, ACI and AKS start."""

PORT = 5001

_APT = """\
RUN apt-get update && apt-get install -y --no-install-recommends {packages} \\
    && rm -rf /var/lib/apt/lists/*
"""

_ENTRY_SCRIPT = '''\
"""Entry script: Azure ML's inference server calls init() once and run() for each request."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
if str(PACKAGE) not in sys.path:
    sys.path.insert(0, str(PACKAGE))

from modules.endpoint import entry  # noqa: E402


def init():
    """Load the model."""
    entry.init(PACKAGE, allowed={allowed!r})


@entry.for_server
def run(request):
    """Score the rows of a request."""
    return entry.run(request)
'''


def entry_script(allowed: Collection[str]) -> str:
    """Return the entry script.

    Parameters
    ----------
    allowed : collection of str
        Effects that the package may have.
    """
    return _ENTRY_SCRIPT.replace("{allowed!r}", repr(tuple(sorted(allowed))))


def requirements(requires: Iterable[str]) -> str:
    """Return the pip file of the endpoint's own server, with the versions installed here.

    Raises
    ------
    designer.packaging.errors.PackagingError
        If something that the model needs isn't installed here.
    """
    server = [name for name in SERVER if _installed(name)]
    pins = pinned((*CONTRACT, *server, *requires), python=_python())
    return "".join(f"{name}=={number}\n" for name, number in pins.items())


def conda_file(name: str, requires: Iterable[str]) -> str:
    """Return the conda file for Azure ML's server.

    pydantic isn't pinned, since that server requires an older one.
    """
    requires = tuple(requires)
    pins = pinned((*CONTRACT, *requires), python=_python())
    free = set(pinned(("pydantic",), python=_python()))
    lines = [
        f"name: {name}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python={_python()}",
        *(f"  - {each}" for each in conda_programs(requires)),
        "  - pip",
        "  - pip:",
        f"      - {AZURE_SERVER}",
        "      - pydantic>=2.10,<3",
        *(f"      - {each}=={number}" for each, number in pins.items() if each not in free),
    ]
    return "\n".join(lines) + "\n"


def dockerfile(allowed: Collection[str], requires: Iterable[str]) -> str:
    """Return the Dockerfile of the endpoint's own server.

    Parameters
    ----------
    allowed : collection of str
        Effects that the package may have.
    requires : iterable of str
        Distributions that the model needs.
    """
    start = ["python", "-m", "modules.endpoint", "/package", "--host", "0.0.0.0"]
    start += ["--port", str(PORT), *allow_options(allowed)]
    command = ", ".join(f'"{part}"' for part in start)
    packages = debian_packages(requires)
    install = _APT.format(packages=" ".join(packages)) if packages else ""
    return f"""\
# docker build -t ENDPOINT .
# docker run -p {PORT}:{PORT} -e MODELDESK_ENDPOINT_KEY ENDPOINT
FROM python:{_python()}-slim
{install}WORKDIR /package
COPY environment/requirements.txt /package/environment/requirements.txt
RUN pip install --no-cache-dir -r /package/environment/requirements.txt
COPY . /package
ENV PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
RUN useradd --system scoring
USER scoring
EXPOSE {PORT}
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s CMD \\
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:{PORT}/health')"]
CMD [{command}]
"""


def allow_options(allowed: Collection[str]) -> list[str]:
    """Return the options of the endpoint's own server that allow effects."""
    return [word for name in sorted(allowed) for word in ("--allow", name)]


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
