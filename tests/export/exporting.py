"""What the tests of exported code share: scripts run as processes that have only ``modules``."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.catalog import Catalog, load_catalog
from designer.export import TARGETS, Script
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "modules"))

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ENVIRONMENT = os.environ | dict.fromkeys(THREADS, "1")
"""One thread, as the steps have that results are compared with: sums depend on it."""

CATALOG = load_catalog()

ROWS = {"data": "a,b\n1,x\n2,y\n3,x\n4,y\n"}
"""Parameters of the module that enters data."""

PROGRAM = """\
import json, os, runpy, sys, traceback

sys.path.insert(0, sys.argv[1])
import modules
assert modules.__path__[0].startswith(sys.argv[1]), modules.__path__
# gensim imports Azure's client of stored files where it is installed.
UNWANTED = {
    "designer", "PySide6", "NodeGraphQt", "mlflow", "azureml", "azure.ai", "azure.identity",
    "uvicorn", "blake3",
}  # fmt: skip


def run(order):
    os.chdir(order["folder"])
    sys.argv = [order["script"], *order["arguments"]]
    output = open(order["output"], "w", encoding="utf-8")
    sys.stdout = sys.stderr = output
    try:
        runpy.run_path(order["script"], run_name="__main__")
        unwanted = UNWANTED & set(sys.modules)
        assert not unwanted, unwanted
    except SystemExit as ended:
        return ended.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        output.flush()
    return 0


if len(sys.argv) > 2:
    sys.exit(run(json.loads(sys.argv[2])))
# The libraries are loaded once; each script has a process that is forked from this one.
import lightgbm, pandas, pyarrow.pandas_compat, scipy.linalg, skops.io, sqlalchemy
import pydantic.main, pydantic.type_adapter
import sklearn.ensemble, sklearn.linear_model, sklearn.cluster
for line in sys.stdin:
    child = os.fork()
    if not child:
        os._exit(run(json.loads(line)))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Scripts:
    """Runs scripts, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        # Nothing but the package that scripts need.
        (folder / "modules").symlink_to(ROOT / "modules", target_is_directory=True)
        self._command = [sys.executable, "-I", "-c", PROGRAM, str(folder)]
        self._server: subprocess.Popen[str] | None = None

    def run(self, script: Path, *arguments: str, folder: Path, forked: bool = False) -> str:
        """Run a script in a folder to its successful end and return what it printed."""
        output = script.with_suffix(".txt")
        order = json.dumps(
            {
                "script": str(script),
                "arguments": list(map(str, arguments)),
                "folder": str(folder),
                "output": str(output),
            }
        )
        if forked and hasattr(os, "fork"):
            if self._server is None:
                self._server = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=ENVIRONMENT,
                )
            print(order, file=self._server.stdin, flush=True)
            status = int(self._server.stdout.readline())
        else:
            done = subprocess.run([*self._command, order], env=ENVIRONMENT, check=False)
            status = done.returncode
        printed = output.read_text("utf-8")
        assert status == 0, printed
        return printed

    def close(self) -> None:
        if self._server is not None:
            self._server.stdin.close()
            self._server.wait()
            self._server.stdout.close()


def make(nodes: Mapping[str, Any], *links: str, **fields: Any) -> Pipeline:
    """Return a pipeline: ``make({"a": ("split_data", {"seed": 1})}, "x.dataset > a.dataset")``."""
    made = {}
    for number, (name, what) in enumerate(nodes.items()):
        module, parameters, *comment = what if isinstance(what, tuple) else (what, {})
        made[name] = Node(
            name,
            module,
            parameters=parameters,
            comment="".join(comment),
            position=(0.0, 100.0 * number),
        )
    ends = [[Endpoint(*end.rsplit(".", 1)) for end in link.split(" > ")] for link in links]
    return Pipeline(nodes=made, links=tuple(Link(*pair) for pair in ends), **fields)


def exported(
    pipeline: Pipeline,
    base: Path,
    *,
    target: str = "python",
    catalog: Catalog = CATALOG,
    workspace: Workspace | None = None,
    **options: Any,
) -> Script:
    """Export a pipeline whose file would be in a folder."""
    return TARGETS[target].script(
        pipeline,
        catalog,
        file=base / "made.pipeline.json",
        workspace=workspace or Workspace(base / "workspace"),
        **options,
    )


def digests(folder: Path) -> dict[str, str]:
    """Return the hash of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def statements(script: Script, function: str = "main") -> list[str]:
    """Return the statements of a function in one line each."""
    tree = ast.parse(script.text)
    found = next(
        each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == function
    )
    return [ast.unparse(each) for each in found.body[1:]]


def called(script: Script, folder: Path) -> dict[str, Any]:
    """Return what ``main`` returns, called in this process."""
    namespace: dict[str, Any] = {"__name__": "exported", "__file__": str(folder / "script.py")}
    exec(compile(script.text, "script.py", "exec", dont_inherit=True), namespace)
    return namespace["main"]()
