"""Scoring packages that try more than to compute, and a watch over what they must not touch."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import shutil
import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving_examples import LABEL, people

from modules.contract import DataTable
from modules.endpoint.package import write_manifest
from modules.learning.ensembles.parts import metadata_of
from modules.learning.ensembles.voting import VotingModel
from modules.learning.preparation.model import PreparedModel
from modules.learning.preparation.steps import Step
from modules.python_language.create_python_model import create_python_model
from modules.values import TrainedModel, storage

READ, CREATED, OPENED = 0x1, 0x100, 0x20
"""Events of inotify, Linux's own record of who touches a folder."""

MODEL = """
import pandas as pd


class AzureMLModel:
    def train(self, df_train, df_label):
        self.label = "low"

    def predict(self, df):
        open({mark!r}, "w").close()
        scores = {{"Scored Labels": self.label, "probabilities": 0.5}}
        return pd.DataFrame(scores, index=df.index)
"""
"""A user's class that leaves a mark when it scores."""

SECRET = "TOP-SECRET-7319"


@dataclass
class Outside:
    """A folder and a server that no package may touch, and what touched them."""

    folder: Path
    url: str = ""
    connections: list[bytes] = field(default_factory=list)
    _watch: int = -1

    @property
    def secret(self) -> Path:
        """A file of the user's."""
        return self.folder / "secret.csv"

    def touched(self) -> list[str]:
        """Return the files that were opened, read or created since the last call."""
        found = []
        while True:
            try:
                content = os.read(self._watch, 65536)
            except BlockingIOError:
                return found
            while content:
                _, mask, _, length = struct.unpack_from("iIII", content)
                name = content[16 : 16 + length].rstrip(b"\0").decode()
                found.append(f"{name} {mask:#x}")
                content = content[16 + length :]


@contextmanager
def watched(folder: Path) -> Iterator[Outside]:
    """Yield what is outside, watched by the kernel and by a server that counts connections."""
    folder.mkdir()
    outside = Outside(folder)
    outside.secret.write_text(f"name,word\nann,{SECRET}\n", "utf-8")
    with sqlite3.connect(folder / "own.db") as database:
        database.execute("create table words as select 1 as number")
    database.close()
    libc = ctypes.CDLL(None, use_errno=True)
    outside._watch = libc.inotify_init1(os.O_NONBLOCK)
    assert outside._watch >= 0
    assert libc.inotify_add_watch(outside._watch, str(folder).encode(), READ | CREATED | OPENED) > 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outside.url = f"http://127.0.0.1:{listener.getsockname()[1]}/words.csv"
        thread = threading.Thread(target=_answer, args=(listener, outside.connections))
        thread.start()
        try:
            yield outside
        finally:
            with socket.create_connection(listener.getsockname()) as last:
                last.sendall(b"stop")
            thread.join()
            os.close(outside._watch)


def _answer(listener: socket.socket, connections: list[bytes]) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(65536)
            if request == b"stop":
                return
            connections.append(request)
            body = b"number\n1\n"
            head = (
                f"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)


def step(node: str, module: str, *, rows: bool = False, **parameters: Any) -> dict[str, Any]:
    """Return a step of a plan; ``rows`` feeds it with those of the request."""
    name = module.rpartition(".")[2]
    inputs = {}
    if rows:
        port = "dataset1" if name == "execute_python_script" else "dataset"
        inputs = {port: "web_service_input.dataset"}
    return {
        "node": node,
        "module": f"modules.{module}",
        "function": name,
        "file": None,
        "parameters": parameters,
        "paths": [],
        "inputs": inputs,
    }


def attacks(outside: Outside) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return steps that do more than compute, each with the effect that it has."""
    folder = outside.folder
    data = "data_input_output"
    mark = folder / "by-script"
    script = f"open({str(mark)!r}, 'w').close()\ndef azureml_main(a=None, b=None):\n    return a,\n"
    database = f"sqlite:///{folder / 'own.db'}"
    remote = outside.url.replace("http", "postgresql").replace("words.csv", "x")
    made = {
        "bashrc": (
            "writes",
            step(
                "bashrc",
                f"{data}.export_data",
                rows=True,
                path=str(folder / ".bashrc"),
                format="CSV",
            ),
        ),
        "table": (
            "writes",
            step(
                "table",
                f"{data}.export_data",
                rows=True,
                destination="database",
                connection=database,
                table="stolen",
            ),
        ),
        "file": ("reads", step("file", f"{data}.import_data", path=str(outside.secret))),
        "web": ("reads", step("web", f"{data}.import_data", source="URL", url=outside.url)),
        "query": (
            "reads",
            step(
                "query",
                f"{data}.import_data",
                source="database",
                connection=database,
                query="select * from words",
            ),
        ),
        "keys": (
            "reads",
            step(
                "keys",
                f"{data}.import_data",
                source="database",
                connection=remote,
                password="warehouse",
                query="select 1",
            ),
        ),
        "passwd": ("reads", step("passwd", f"{data}.dataset", path=str(outside.secret))),
        "home": ("reads", step("home", f"{data}.dataset", path="~/secret.csv")),
        "saved": ("reads", step("saved", f"{data}.saved_dataset", path=str(folder))),
        "script": (
            "code",
            step("script", "python_language.execute_python_script", rows=True, script=script),
        ),
    }
    return made


def change_plan(package: Path, *steps: dict[str, Any], **parts: Any) -> Path:
    """Put steps first in the plan of a package, and make its manifest right again."""
    path = package / "model" / "scoring.json"
    plan = json.loads(path.read_text("utf-8"))
    plan["steps"] = [*steps, *plan["steps"]]
    path.write_text(json.dumps(plan | parts), "utf-8")
    write_manifest(package, {"name": "people"})
    return package


def hide_code(stored: Path, place: str, mark: Path) -> None:
    """Replace a stored model by one that runs code: ``itself``, or ``nested`` or ``linked`` in it.

    Parameters
    ----------
    mark : Path
        The file that the code writes.
    """
    learner = create_python_model(script=MODEL.format(mark=str(mark)))
    model = learner.fit(DataTable(people()[["age", LABEL]]), LABEL)
    mark.unlink()
    if place != "itself":
        model = VotingModel(**metadata_of(model, (model,)), weights=[1.0], votes=False)
    shutil.rmtree(stored)
    storage.save(model, stored)
    if place == "linked":
        inner = stored / "models" / "0000"
        inner.rename(stored.parent / "aside")
        inner.symlink_to(Path("..", "..", "aside"))


def prepare_with(stored: Path, made: dict[str, Any]) -> None:
    """Put a step, of :func:`step`, into a stored model as the preparation of its rows."""
    model = storage.load(stored)
    assert isinstance(model, TrainedModel)
    fields = {each.name: getattr(model, each.name) for each in dataclasses.fields(TrainedModel)}
    steps = [Step(made["function"], made["module"], made["parameters"])]
    shutil.rmtree(stored)
    storage.save(PreparedModel(**fields, model=model, steps=steps), stored)
