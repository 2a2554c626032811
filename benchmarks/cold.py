"""A small sample, cold: ``designer run`` against a plain script, both as processes of their own.

Both read the automobile prices, clean and split them, fit a linear regression, score and
evaluate it. The run also stores every result and has a fresh workspace each time. They run
in turns; the last lines are the ratios of the medians::

    python -m benchmarks.cold
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "samples"
LIMIT = 1.5

SCRIPT = """
import sys
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

frame = pd.read_csv(sys.argv[1], na_values="?").drop(columns="normalized-losses").dropna()
train, test = train_test_split(frame, train_size=0.7, random_state=0)
texts = [name for name in frame.columns if frame[name].dtype.kind not in "fi"]
model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), remainder="passthrough"
    ),
    LinearRegression(),
)
model.fit(train.drop(columns="price"), train["price"])
scored = test.assign(scored=model.predict(test.drop(columns="price")))
actual, labels = scored["price"], scored["scored"]
print(mean_absolute_error(actual, labels), mean_squared_error(actual, labels) ** 0.5)
print(r2_score(actual, labels))
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Return the seconds that a command takes, and those of the processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    os.environ["MODELDESK_TRACKING"] = "off"
    # The first round compiles the modules, which a person waits for once.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if sys.platform == "linux":
        # What a command leaves becomes a child of this process, which asks for its times.
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    script, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        data = str(SAMPLES / "data" / "automobile_price.csv")
        pipeline = str(SAMPLES / "automobile_price.pipeline.json")
        for number in range(options.rounds + 1):
            command = [sys.executable, "-m", "designer", "run", pipeline]
            found = (
                timed([sys.executable, "-c", SCRIPT, data]),
                timed([*command, "--workspace", str(Path(folder) / str(number))]),
            )
            if number:
                # The first pair fills the caches of the disk.
                script.append(found[0])
                ours.append(found[1])
                print(f"round {number}: script {found[0][0]:.2f} s, run {found[1][0]:.2f} s")
    limit = f"   (at most {LIMIT:g})"
    for name, index in (("", 0), (" in processor time", 1)):
        ratio = statistics.median(each[index] for each in ours) / statistics.median(
            each[index] for each in script
        )
        print(f"run / script{name} {ratio:.2f}{limit}")


if __name__ == "__main__":
    main()
