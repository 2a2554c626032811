"""Vowpal Wabbit: its options, its examples, and its models."""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract import DataTable, ModuleError
from modules.contract.data_table import kind_of
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.contract.stored_fields import APART
from modules.values import Files, TrainedModel
from modules.values.file_contents import contents_of

TASK = "vowpal wabbit"
TITLE = "Vowpal Wabbit"

if TYPE_CHECKING:
    import pandas as pd

_MODEL = "model.vw"
_ALLOWED = frozenset(
    """
    -b --bit_precision -l --learning_rate --power_t --initial_t --decay_learning_rate
    --passes --l1 --l2 --no_bias_regularization -q --quadratic --cubic --interactions
    --ngram --skips --feature_limit --affix --spelling --ignore --ignore_linear --keep
    --redefine --leave_duplicate_interactions --permutations --loss_function --quantile_tau
    --logistic_min --logistic_max --link --min_prediction --max_prediction --noconstant -C
    --constant --hash --hash_seed --random_seed --random_weights --initial_weight
    --normal_weights --truncated_normal_weights --sparse_weights --adaptive --adax
    --invariant --normalized --sgd --ftrl --coin --pistol --ftrl_alpha --ftrl_beta --freegrad --nn
    --inpass --dropout --meanfield --oaa --oaa_subsample --ect --error --csoaa --csoaa_ldf
    --wap_ldf --binary --probabilities --scores --indexing --log_multi --plt --holdout_off
    --holdout_period --holdout_after --early_terminate --boosting --gamma --alg --autolink
    --lrq --lrqdropout --lrqfa --stage_poly --sort_features --ksvm --kernel --bandwidth
    --degree --named_labels --quiet --save_resume --preserve_performance_counters
    --classweight --marginal
    """.split()  # noqa: SIM905
)
"""Options that only influence learning. Others read or write files, or need other data.

Batch learners (``--bfgs``, ``--conjugate_gradient``) end the process when their model is saved.
"""

_SPLITTING = re.compile(r"[\x00-\x20'\"\\]")
"""What could separate options: Vowpal Wabbit splits those in a model's file again."""

_NUMBER = re.compile(r"-\.?\d")
_VERSION = re.compile(rb"9\.\d{1,3}\.\d{1,3}\0")


@dataclass(frozen=True, eq=False, kw_only=True)
class VowpalWabbitModel(TrainedModel):
    """A model of Vowpal Wabbit.

    Parameters
    ----------
    arguments : list of str
        With which it was trained.
    readable, inverted : str
        The weights as text, by hash and by name; empty if they weren't asked for.
    model : bytes
        The content of its file.
    """

    arguments: list[str]
    readable: str = ""
    inverted: str = ""
    model: bytes = field(metadata=APART)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the weights, if they were asked for."""
        found = {}
        for title, text in (("Readable model", self.readable), ("Inverted hash", self.inverted)):
            if text:
                rows = tuple((line,) for line in text.splitlines()[:MOST_ROWS])
                found[title] = Sheet(("line",), rows)
        return found or {TITLE: Sheet(("Arguments",), ((" ".join(self.arguments),),))}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the description as JSON, and the model as Vowpal Wabbit's own file."""
        (folder / _MODEL).write_bytes(self.model)
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        Vowpal Wabbit obeys the options in a model's file, which could make it write other files:
        only those that training accepts are read.
        """
        content = (folder / _MODEL).read_bytes()
        for word in _options_in(content):
            if problem := _problem_of(word):
                raise ValueError(f"{_MODEL} contains options that can't be used: {problem}")
        return cls(model=content, **cls.read_fields(folder))


def arguments_of(text: str) -> list[str]:
    """Return the words of command-line arguments.

    Raises
    ------
    ModuleError
        If an option isn't one that only influences learning.
    """
    try:
        found = shlex.split(text)
    except ValueError as error:
        raise _wrong(f"The arguments can't be split: {error}.") from error
    for word in found:
        if problem := _problem_of(word):
            raise _wrong(problem)
    return found


def _problem_of(word: str) -> str:
    """Return why a word of a command line can't be used; empty if it can."""
    if _SPLITTING.search(word):
        return f"“{word}” contains a space, a quote, or a backslash."
    if word.startswith("-") and not _NUMBER.match(word):
        name = word.partition("=")[0] if word.startswith("--") else word[:2]
        if name not in _ALLOWED:
            return f"“{name}” can't be used here."
    return ""


def _options_in(model: bytes) -> list[str]:
    """Return the words of the options in the file of a model.

    Its head, since version 9, is: version and id, ``m``, the lowest and highest label, the number
    of bits and of topics, n-grams, skips, and the options. Texts and lists begin with their length.

    Raises
    ------
    ValueError
        If it isn't such a file.
    """
    reader = io.BytesIO(model)

    def number() -> int:
        content = reader.read(4)
        if len(content) < 4:
            raise ValueError(f"{_MODEL} isn't complete")
        return int.from_bytes(content, "little")

    version = reader.read(number())
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{_MODEL} isn't a model of Vowpal Wabbit 9")
    reader.seek(number() + 17, io.SEEK_CUR)
    for _ in range(2):
        reader.seek(3 * number(), io.SEEK_CUR)
    text = reader.read(number()).removesuffix(b"\0")
    return [word for word in text.decode("latin-1").split(" ") if word]


def examples_of(data: DataTable | Files, name: str, file_type: str, port: str) -> list[str]:
    """Return the lines of the data in Vowpal Wabbit's format.

    Parameters
    ----------
    data : DataTable or Files
        Text files, or a table whose first column of text contains the lines.
    name : str
        The file; empty for the only one.
    file_type : str
        ``VW`` or ``SVMLight``.
    """
    if isinstance(data, DataTable):
        return example_lines(data.frame, name, file_type, port)
    return example_lines(contents_of(data.folder), name, file_type, port)


def example_lines(
    data: pd.DataFrame | Mapping[str, bytes], name: str, file_type: str, port: str = ""
) -> list[str]:
    """Return the lines of a frame, or of a file, in Vowpal Wabbit's format."""
    if isinstance(data, Mapping):
        lines = _lines_of_files(data, name, port)
    else:
        lines = _lines_of_frame(data, port)
    if file_type == "SVMLight":
        lines = [_from_svmlight(line, number, port) for number, line in enumerate(lines, start=1)]
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise ModuleError(
            "too-few-rows", "The data doesn't contain any examples.", "Check the input.", port=port
        )
    return lines


def run(
    lines: Sequence[str], arguments: Sequence[str], files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Run Vowpal Wabbit on examples.

    Parameters
    ----------
    arguments : sequence of str
        ``{folder}`` in them is a new folder.
    files : mapping of str to bytes
        What is in the folder before.

    Returns
    -------
    dict of str to bytes
        The files in the folder afterwards.
    """
    from vowpalwabbit import Workspace

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (folder / "data").write_text("\n".join(lines) + "\n", "utf-8")
        filled = [word.replace("{folder}", str(folder)) for word in arguments]
        try:
            workspace = Workspace(
                arg_list=["--quiet", "-d", str(folder / "data"), "--strict_parse", *filled]
            )
            workspace.finish()
        except RuntimeError as error:
            raise ModuleError(
                "vowpal-wabbit-failed",
                f"Vowpal Wabbit can't process the data: {_reason(error)}.",
                "Check the arguments and the format of the examples.",
                parameter="vw_arguments",
            ) from error
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "data"}


def trained(lines: Sequence[str], arguments: Sequence[str], before: bytes | None = None) -> bytes:
    """Return the file of a model that is trained on examples.

    Parameters
    ----------
    before : bytes, optional
        The file of a model that is trained further.
    """
    given, files = list(arguments), {}
    if before is not None:
        files["before"] = before
        given += ["-i", "{folder}/before"]
    if "--passes" in " ".join(arguments):
        given += ["-k", "--cache_file", "{folder}/cache"]
    return run(lines, [*given, "-f", "{folder}/model"], files)["model"]


def label_of(line: str) -> float | None:
    """Return the label of an example; None if it has none."""
    words = line.partition("|")[0].split()
    try:
        return float(words[0]) if words else None
    except ValueError:
        return None


def _lines_of_frame(frame: pd.DataFrame, port: str) -> list[str]:
    """Return the values of the first column of text."""
    for _, column in frame.items():
        if kind_of(column.dtype) in ("string", "categorical"):
            return [" ".join(str(value).splitlines()) for value in column.dropna()]
    raise ModuleError(
        "no-text",
        "The dataset doesn't have a column of text with examples.",
        "Link a table whose first column of text contains lines in Vowpal Wabbit's format.",
        port=port,
    )


def _lines_of_files(files: Mapping[str, bytes], name: str, port: str) -> list[str]:
    """Return the lines of a file; without a name, of the only one."""
    chosen = name.strip() or (next(iter(files)) if len(files) == 1 else "")
    if chosen not in files:
        listed = ", ".join(f"“{each}”" for each in list(files)[:8])
        raise ModuleError(
            "file-not-found",
            f"The input has no file “{chosen}”." if chosen else "The input has several files.",
            f"Enter the name of one of them: {listed}." if listed else "Link files with examples.",
            port=port,
        )
    return files[chosen].decode("utf-8-sig", "replace").splitlines()


def _from_svmlight(line: str, number: int, port: str) -> str:
    words = line.partition("#")[0].split()
    if not words:
        return ""
    features = [word for word in words[1:] if not word.startswith("qid:")]
    if not all(_is_number(part) for word in features for part in word.split(":")):
        raise ModuleError(
            "bad-line",
            f"Line {number:,} isn't in SVMLight's format.",
            "Write “label index:value index:value”, or choose another file type.",
            port=port,
        )
    return f"{words[0]} | {' '.join(features)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reason(error: RuntimeError) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:300] if lines else "unknown error"


def _wrong(message: str) -> ModuleError:
    return ModuleError(
        "wrong-arguments",
        message,
        "Use options for learning only, such as --loss_function logistic, -l, -b, --passes, -q.",
        parameter="vw_arguments",
    )
