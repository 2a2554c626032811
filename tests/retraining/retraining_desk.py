"""An endpoint that is retrained, with data of the test's choice and a clock of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from raw_http import Clients
from schedule_desk import wait_until

from designer.catalog import load_catalog
from designer.deployment import Endpoints
from designer.deployment.deploying import deploy
from designer.engine import Engine
from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Pipeline
from designer.retraining.loop import Loop, Loops, Round
from designer.retraining.rounds import run_round
from designer.retraining.switching import switch_on
from designer.workspace import Workspace

NAME = "loans"
HOUR = 3600.0
KEY = "a-key-of-retraining-tests"
ROW = {"income": 60.0, "debt": 15.0, "region": "north"}

FAILS_ON_LARGE_INCOME = """\
def azureml_main(dataframe1=None, dataframe2=None):
    if (dataframe1["income"] > 1000).any():
        raise ValueError("an income that no test row had")
    return dataframe1,
"""


def loans(count: int = 400, *, seed: int, noise: float) -> pd.DataFrame:
    """Return rows whose label follows from two columns, but for a share of them that is random."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": np.round(random.normal(50, 15, count), 2),
            "debt": np.round(random.normal(20, 8, count), 2),
            "region": random.choice(["north", "south"], count),
        }
    )
    good = frame["income"] - 2 * frame["debt"] > 10
    good = np.where(random.random(count) < noise, random.random(count) < 0.5, good)
    frame["paid"] = np.where(good, "yes", "no")
    return frame


class Desk:
    """A workspace with an endpoint, its dataset, and a clock that only the test moves."""

    def __init__(self, folder: Path, *, like: Desk | None = None) -> None:
        self.folder = folder
        self.now = 1_800_000_000.0
        if like is not None:
            # The port is reserved in one workspace only.
            shutil.copytree(like.folder, folder, dirs_exist_ok=True)
        self.workspace = Workspace(folder / "workspace")
        self.loops = Loops(self.workspace)
        self.endpoints = Endpoints(self.workspace)
        self.file = folder / "loans.pipeline.json"

    def write(self, script: str = "") -> None:
        write(_pipeline(script), self.file)

    def register(self, table: pd.DataFrame) -> None:
        data = self.folder / "loans.csv"
        table.to_csv(data, index=False)
        columns = [[name, "string" if name in ("region", "paid") else "number"] for name in table]
        about = {"rows": len(table), "columns": columns}
        self.workspace.register_dataset("loans", data, table=about)

    def deploy(self) -> None:
        """Deploy a poor model: nine of ten of the labels that it is trained on are random."""
        self.workspace.change_settings(tracking=False)
        self.register(loans(seed=1, noise=0.9))
        self.write()
        with Engine(self.workspace, load_catalog(), workers=2) as engine:
            done = engine.run(read(self.file), base=self.folder, source=self.file)
        assert done.status == "completed", {n: r.error for n, r in done.nodes.items() if r.error}
        options = {"record": 1.0}
        deploy(self.workspace, self.file, NAME, options=options, key=KEY, register=False)
        self.endpoints.stop(NAME)

    def on(self, **settings: Any) -> Loop:
        loop = Loop(
            endpoint=NAME,
            pipeline=str(self.file),
            dataset="loans",
            created=self.now,
            **{"register_model": False, **settings},
        )
        switch_on(self.workspace, loop)
        return self.loops.get(NAME)

    def run(self) -> Round:
        return run_round(self.workspace, NAME, clock=lambda: self.now)

    def ask(self, *rows: dict[str, Any]) -> list[str]:
        """Return the scored labels of rows."""
        body = json.dumps({"Inputs": {"input1": list(rows or (ROW,))}}).encode()
        status, answer = self.endpoints.send(NAME, "POST", "/score", body)
        assert status == 200, answer
        return [row["Scored Labels"] for row in json.loads(answer)["Results"]["output1"]]

    def clients(self, **values: Any) -> Clients:
        port = self.endpoints.status(NAME).port
        return Clients(port or 0, KEY, {"Inputs": {"input1": [ROW | values]}})

    def wait_for_stage(self, stage: int, requests: int = 0) -> None:
        """Wait until the endpoint follows a stage, and has counted so many requests in it."""

        def counted() -> bool:
            found = self.endpoints.metrics(NAME).get("challenger") or {}
            return found.get("stage") == stage and found["requests"] >= requests

        wait_until(counted, 300)

    @property
    def version(self) -> int:
        return self.endpoints.status(NAME).version

    def close(self) -> None:
        from designer.retraining.switching import switch_off

        for name in self.loops.names():
            switch_off(self.workspace, name)
        for name in self.endpoints.names():
            self.endpoints.delete(name)


def _pipeline(script: str) -> Pipeline:
    pipeline = Pipeline()

    def add(module: str, name: str, *links: str, **parameters: Any) -> None:
        nonlocal pipeline
        pipeline, node = edits.add_node(pipeline, module, node_id=name, parameters=parameters)
        for text in links:
            port, _, source = text.partition("=")
            start, _, output = source.partition(".")
            pipeline = edits.connect(pipeline, Endpoint(start, output), Endpoint(node, port))

    add("dataset", "loans", path="dataset:loans")
    source = "loans.dataset"
    if script:
        add("execute_python_script", "checked", f"dataset1={source}", script=script)
        source = "checked.result_dataset"
    add("two_class_logistic_regression", "learner")
    add(
        "train_model",
        "train",
        "untrained_model=learner.untrained_model",
        f"dataset={source}",
        label_column=["paid"],
    )
    add("score_model", "score", "trained_model=train.trained_model", f"dataset={source}")
    return pipeline
