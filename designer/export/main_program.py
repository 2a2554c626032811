"""What a script does as a program: arguments, metrics, and files with the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from designer.export.cards import Card
from designer.export.code import Code
from designer.export.imports import Imports
from designer.export.names import Names
from designer.export.source import Source, call, laid_out, quoted
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from modules.contract import DataTable, Serving
from modules.values import Evaluation, Report, TrainedModel, Transformation

_TYPES = {"integer": "int", "number": "float", "text": "str", "boolean": "bool"}


class Argument(NamedTuple):
    """A pipeline parameter as an argument of ``main``.

    Parameters
    ----------
    name : str
        In the script.
    default : str or None
        As source; None if it has none.
    """

    parameter: PipelineParameter
    name: str
    default: str | None

    @property
    def type(self) -> str:
        """The name of its type."""
        return _TYPES.get(self.parameter.type, "str")

    @property
    def declared(self) -> str:
        """The argument as in a signature."""
        return f"{self.name}: {self.type}{'' if self.default is None else f' = {self.default}'}"


def arguments_of(pipeline: Pipeline, names: Names) -> list[Argument]:
    """Return the pipeline parameters as arguments, in their order."""
    return [
        Argument(parameter, names.claim(parameter.name), _default(parameter))
        for parameter in pipeline.parameters.values()
    ]


def main_program(
    cards: Mapping[str, Card],
    results: Iterable[Endpoint],
    arguments: Sequence[Argument],
    imports: Imports,
    with_results: bool,
) -> Code:
    """Return the statements that run if the script is started as a program.

    Parameters
    ----------
    with_results : bool
        It has an option that writes the results as files.
    """
    writing = None
    if with_results:
        writing = Writing(
            imports.name("pathlib", "Path"),
            imports.name("modules.values.storage", "save"),
            "Write each result to a folder in FOLDER.",
        )
    shown = _metrics(cards, results, imports)
    lines = program(options_of(arguments), shown, imports.module("argparse"), writing)
    code = Code()
    code.add(lines)
    return code


class Writing(NamedTuple):
    """How a script writes its results.

    Parameters
    ----------
    path, save : str
        The names of the class of paths, and of the function that writes a value to a path.
    help : str
        Of its option ``--results``.
    """

    path: str
    save: str
    help: str


def program(
    options: list[str], shown: list[str], argparse: str, writing: Writing | None
) -> list[str]:
    """Return the lines that run if a script is started as a program.

    Parameters
    ----------
    options, shown : list of str
        The lines that add the options, and those that print a ``value`` with its ``name``.
    writing : Writing or None
        None if it doesn't write results.
    """
    lines = [
        'if __name__ == "__main__":',
        f"    parser = {argparse}.ArgumentParser(description=main.__doc__)",
        *options,
    ]
    if writing is not None:
        lines += [
            "    parser.add_argument(",
            f'        "--results", type={writing.path}, metavar="FOLDER", help="{writing.help}"',
            "    )",
        ]
    lines.append("    arguments = vars(parser.parse_args())")
    if writing is not None:
        lines.append('    folder = arguments.pop("results")')
        shown = [
            *shown,
            "        if folder is not None and value is not None:",
            f"            {writing.save}(value, folder / name)",
        ]
    if shown:
        return [*lines, "    for name, value in main(**arguments).items():", *shown]
    return [*lines, "    main(**arguments)"]


def _default(parameter: PipelineParameter) -> str | None:
    if parameter.default is None:
        return None
    if isinstance(parameter.default, str):
        return quoted(parameter.default)
    return repr(float(parameter.default) if parameter.type == "number" else parameter.default)


def options_of(arguments: Iterable[Argument]) -> list[str]:
    """Return the statements that add the arguments to the command line."""
    options = {"help", "results"}
    return [line for argument in arguments for line in _option(argument, options)]


def _option(argument: Argument, options: set[str]) -> list[str]:
    """Return the statement that adds an argument to the command line."""
    option = argument.parameter.name.strip("_").replace("_", "-") or "parameter"
    while option in options:
        option += "-parameter"
    options.add(option)
    keywords = {}
    if option.replace("-", "_") != argument.name:
        keywords["dest"] = Source(quoted(argument.name))
    if argument.type == "bool":
        keywords["action"] = Source("argparse.BooleanOptionalAction")
    else:
        keywords["type"] = Source(argument.type)
    if argument.default is None:
        keywords["required"] = Source("True")
    else:
        keywords["default"] = Source(argument.default)
    text = " ".join(argument.parameter.description.split())
    if text:
        keywords["help"] = Source(quoted(text.replace("%", "%%")))
    return laid_out(
        call("parser.add_argument", [Source(quoted(f"--{option}"))], keywords), indent=4
    )


def _metrics(cards: Mapping[str, Card], results: Iterable[Endpoint], imports: Imports) -> list[str]:
    """Return the lines that print the metrics of a value, if any result can have some."""
    evaluations = tables = False
    for end in results:
        spec = cards[end.node].spec
        types = spec.output_by_name[end.port].types
        evaluations |= any(issubclass(kind, Evaluation) for kind in types)
        # A table has metrics if something was evaluated to make it: beside a model or a report, or
        # for nothing that an endpoint needs.
        made = [kind for port in spec.outputs for kind in port.types]
        tables |= any(issubclass(kind, DataTable) for kind in types) and (
            spec.when_serving is Serving.DROP
            or any(issubclass(kind, TrainedModel | Transformation | Report) for kind in made)
        )
    lines = []
    if evaluations:
        lines += [
            f"        if isinstance(value, {imports.kind(Evaluation)}):",
            '            metrics = value.describe().set_index("report").T',
            '            print(name, metrics.to_string(), sep="\\n")',
        ]
    if tables:
        lines += [
            f"        if isinstance(value, {imports.kind(DataTable)}) and value.metrics:",
            "            print(name)",
            "            for metric, number in value.metrics.items():",
            '                print(f"{metric}  {number:.6g}")',
        ]
    return lines
