"""One step: a module called with values or, as a program, from folders to folders.

``python -m modules.step MODULE --parameters FILE.json --input PORT=DIR --output PORT=DIR``
runs anywhere that ``modules`` is: the local engine's workers, a cluster and an
Azure ML job call the same function.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import random
import shutil
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from modules.contract.context import ModuleWarning, listening, using_threads
from modules.contract.errors import ModuleError
from modules.contract.specification import ModuleSpec, specification

LONGEST_MESSAGE = 1000
"""Characters of an error that a person is shown; the log has all of them."""

Error = dict[str, Any]
"""``code``, ``message``; where known ``hint``, ``port``, ``parameter``, ``column``, ``line``."""


class StepFailed(Exception):
    """A step has failed.

    Parameters
    ----------
    error : dict
        As in ``error.json``.
    details : str
        The traceback, for the log.
    """

    def __init__(self, error: Error, details: str) -> None:
        super().__init__(error.get("message", ""))
        self.error = error
        self.details = details


def run_step(
    spec: ModuleSpec,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    threads: int | None = None,
    on_progress: Callable[[float, str], None] | None = None,
    on_warning: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Call a module, whatever it may do.

    Parameters
    ----------
    parameters : mapping
        Plain JSON; what is missing has its default.
    inputs : mapping of str to Value
        By port; an optional one may be missing.
    threads : int, optional
        Threads that numeric libraries may use; None leaves them as they are.
    on_progress, on_warning : callable, optional
        Told what the module reports.

    Returns
    -------
    dict of str to Value
        The outputs by port; an absent optional output is left out.

    Raises
    ------
    StepFailed
        For everything that goes wrong, ``exit()`` in a script included.
    """
    try:
        arguments = _inputs(spec, inputs)
        with ExitStack() as surroundings:
            if on_progress is not None:
                surroundings.enter_context(listening(on_progress))
            surroundings.enter_context(_warnings(on_warning))
            surroundings.enter_context(_threads(threads))
            surroundings.enter_context(_own_surroundings())
            keywords = _parameters(spec, parameters)
            values = spec(*arguments, **keywords)
            return _outputs(spec, values)
    except BaseException as error:
        raise StepFailed(error_of(error, spec), _traceback(error)) from None


def error_of(error: BaseException, spec: ModuleSpec | None = None) -> Error:
    """Return an exception as data: one sentence for the person, and where it was."""
    if isinstance(error, ModuleError):
        return error.to_json()
    if isinstance(error, MemoryError):
        return {
            "code": "out-of-memory",
            "message": "There is not enough memory for this step.",
            "hint": "Use fewer rows or columns, or close other programs.",
        }
    if isinstance(error, SystemExit):
        status = "" if error.code is None else f" with {error.code!r}"
        return {
            "code": "exit",
            "message": f"The step called exit{status} before it was done.",
            "hint": "A script ends by returning its result.",
        } | _script_line(error)
    if isinstance(error, KeyboardInterrupt):
        return {"code": "interrupted", "message": "The step was interrupted."}
    if isinstance(error, ImportError) and error.name:
        install = error.name.partition(".")[0]
        return {
            "code": "library-missing",
            "message": f"The library “{install}” can't be imported: {_first_line(error)}",
            "hint": f"Install it, for example with: pip install {install}",
        } | _script_line(error)
    place = _script_line(error)
    where = f" in line {place['line']} of the script" if place else ""
    what = _first_line(error)
    said = f": {what}" if what else ""
    title = spec.title if spec is not None else "The step"
    message = f"{title} stopped with {type(error).__name__}{where}{said}"
    if not message.endswith((".", "!", "?")):
        message += "."
    return {"code": "exception", "message": message, "type": type(error).__name__} | place


def find_module(name: str) -> ModuleSpec:
    """Return the specification of a module.

    Parameters
    ----------
    name : str
        Its id, its dotted name, or the path of its file.

    Raises
    ------
    LookupError
        With one sentence, if there is none.
    """
    if name.endswith(".py"):
        path = Path(name)
        if not path.is_file():
            raise LookupError(f"There is no file “{name}”.")
        return load_specification(f"user_modules.{_content_key(path)}.{path.stem}", path)
    if "." not in name:
        found = sorted(Path(__file__).parent.glob(f"*/{name}.py")) if name.isidentifier() else []
        if not found:
            raise LookupError(f"There is no module “{name}”.")
        name = f"modules.{found[0].parent.name}.{name}"
    try:
        return load_specification(name)
    except ImportError as error:
        raise LookupError(f"The module “{name}” can't be imported: {error}") from error


def load_specification(
    name: str, file: Path | None = None, function: str | None = None
) -> ModuleSpec:
    """Import a module and derive its specification.

    Parameters
    ----------
    name : str
        The dotted name.
    file : Path, optional
        Where it is, if it can't be found by its name: a person's own module.
    function : str, optional
        The function; without it the only one that is a module.

    Raises
    ------
    ImportError, AttributeError, TypeError
        If it can't be imported or is no module.
    """
    if file is not None and name not in sys.modules:
        _make_packages(name.rpartition(".")[0], file.parent)
        importlib.invalidate_caches()
        wrote = sys.dont_write_bytecode
        # Bytecode is trusted by time and size: a quick change would load the old code.
        sys.dont_write_bytecode = True
        try:
            place = importlib.import_module(name)
        finally:
            sys.dont_write_bytecode = wrote
    else:
        place = importlib.import_module(name)
    found = [
        thing
        for thing in vars(place).values()
        if hasattr(thing, "__module_options__") and getattr(thing, "__module__", None) == name
    ]
    chosen = [thing for thing in found if function in (None, thing.__name__)]
    if not chosen:
        raise AttributeError(f"{name} has no function decorated with @module.")
    return specification(chosen[0])


def main(arguments: list[str] | None = None) -> int:
    """Run the step program; see ``--help``.

    Returns
    -------
    int
        0, or 1 if the step failed, or 2 if it was called wrongly.
    """
    options = _parser().parse_args(arguments)
    try:
        spec = find_module(options.module)
        parameters = _read_parameters(options.parameters, options.set, spec)
        inputs = _folders(options.input, "input")
        outputs = _folders(options.output, "output")
        _check_ports(spec, inputs, outputs)
    except (LookupError, ValueError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    try:
        _run_on_folders(spec, parameters, inputs, outputs, options.threads)
    except StepFailed as failure:
        content = json.dumps(failure.error, indent=1, ensure_ascii=False) + "\n"
        Path(options.error).parent.mkdir(parents=True, exist_ok=True)
        Path(options.error).write_text(content, "utf-8")
        print(failure.details, file=sys.stderr)  # noqa: T201
        print(failure.error["message"], file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _run_on_folders(
    spec: ModuleSpec,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Path],
    outputs: Mapping[str, Path],
    threads: int | None,
) -> None:
    from modules.contract import storage

    try:
        # An empty folder is what an absent output leaves behind.
        values = {
            port: storage.load(folder) for port, folder in inputs.items() if any(folder.iterdir())
        }
    except (ModuleError, OSError) as error:
        raise StepFailed(error_of(error, spec), _traceback(error)) from None
    results = run_step(
        spec,
        parameters,
        values,
        threads=threads,
        on_warning=lambda text: print(f"Warning: {text}", file=sys.stderr),  # noqa: T201
    )
    try:
        for port, folder in outputs.items():
            # An Azure job finds its output folders already made.
            if folder.exists():
                for old in folder.iterdir():
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            if port in results:
                storage.save(results[port], folder)
    except (ModuleError, OSError) as error:
        raise StepFailed(error_of(error, spec), _traceback(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m modules.step",
        description="Run one module: folders in, folders out.",
        epilog="Exit status: 0 done, 1 the step failed (see error.json), 2 called wrongly.",
    )
    parser.add_argument("module", help="id, dotted name or file of the module")
    parser.add_argument("--parameters", metavar="FILE", help="JSON file of parameters")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="set one parameter"
    )
    parser.add_argument("--input", metavar="PORT=DIR", action="append", default=[])
    parser.add_argument("--output", metavar="PORT=DIR", action="append", default=[])
    parser.add_argument("--threads", type=int, help="threads of numeric libraries")
    parser.add_argument(
        "--error", metavar="FILE", default="error.json", help="where an error is written"
    )
    return parser


def _read_parameters(file: str | None, settings: list[str], spec: ModuleSpec) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if file is not None:
        try:
            parameters = json.loads(Path(file).read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"“{file}” is not JSON: {error}") from None
        if not isinstance(parameters, dict):
            raise ValueError(f"“{file}” does not hold one JSON object.")
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator:
            raise ValueError(f"--set takes NAME=VALUE, not “{setting}”.")
        parameter = spec.parameter_by_name.get(name)
        if parameter is None:
            raise ValueError(f"{spec.title} has no parameter “{name}”.")
        parameters[name] = parse_value(text, parameter.kind)
    spec.read_parameters(parameters)
    return parameters


def parse_value(text: str, kind: str) -> Any:
    """Return a value given as text on a command line as plain JSON.

    Parameters
    ----------
    kind : str
        The kind of the parameter; a text stays as it is, all else is read as JSON
        where it is JSON.
    """
    if kind in ("text", "script", "path", "secret"):
        return text
    if kind == "boolean" and text.lower() in ("yes", "no", "on", "off"):
        return text.lower() in ("yes", "on")
    try:
        value = json.loads(text)
    except ValueError:
        value = text.lower() == "true" if text.lower() in ("true", "false") else text
    if kind == "choice" and not isinstance(value, (str, int, float, bool)):
        return text
    if kind == "columns" and isinstance(value, (str, int, float)):
        return [part.strip() for part in text.split(",")]
    return value


def _folders(settings: list[str], what: str) -> dict[str, Path]:
    folders = {}
    for setting in settings:
        port, separator, folder = setting.partition("=")
        if not separator or not folder:
            raise ValueError(f"--{what} takes PORT=DIR, not “{setting}”.")
        folders[port] = Path(folder)
    return folders


def _check_ports(spec: ModuleSpec, inputs: Mapping[str, Path], outputs: Mapping[str, Path]) -> None:
    for what, given, ports in (
        ("input", inputs, spec.input_by_name),
        ("output", outputs, spec.output_by_name),
    ):
        for name in given:
            if name not in ports:
                raise ValueError(f"{spec.title} has no {what} “{name}”.")
    for port in spec.inputs:
        if not port.optional and port.name not in inputs:
            raise ValueError(f"The input “{port.name}” is missing.")
    for name, folder in inputs.items():
        if not folder.is_dir():
            raise ValueError(f"There is no folder “{folder}” for the input “{name}”.")


def _inputs(spec: ModuleSpec, inputs: Mapping[str, Any]) -> list[Any]:
    arguments = []
    for port in spec.inputs:
        value = inputs.get(port.name)
        if value is None and not port.optional:
            raise ModuleError(
                "input-missing",
                f"The input “{port.title}” has nothing to read.",
                port=port.name,
            )
        arguments.append(value)
    return arguments


def _parameters(spec: ModuleSpec, parameters: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return spec.read_parameters(parameters)
    except ValueError as error:
        raise ModuleError("parameter-wrong", str(error)) from None


def _outputs(spec: ModuleSpec, values: tuple[Any, ...]) -> dict[str, Any]:
    if len(values) != len(spec.outputs):
        raise ModuleError(
            "outputs-wrong",
            f"{spec.title} gave {len(values)} results instead of {len(spec.outputs)}.",
        )
    outputs = {}
    for port, value in zip(spec.outputs, values, strict=True):
        if value is None and port.optional:
            continue
        if not isinstance(value, port.types):
            from modules.contract.values import AnyValue, Value

            if AnyValue in port.types and isinstance(value, Value):
                outputs[port.name] = value
                continue
            raise ModuleError(
                "output-wrong",
                f"{spec.title} gave a {type(value).__name__} at “{port.title}” "
                f"instead of a {port.type_name}.",
                port=port.name,
            )
        outputs[port.name] = value
    return outputs


@contextmanager
def _threads(threads: int | None) -> Iterator[None]:
    if threads is None:
        yield
        return
    # A library that is loaded after the limit is set would not obey it.
    preload()
    import pyarrow
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    before = os.environ.get("LOKY_MAX_CPU_COUNT")
    os.environ["LOKY_MAX_CPU_COUNT"] = str(threads)
    pyarrow.set_cpu_count(threads)
    try:
        with threadpool_limits(limits=threads), using_threads(threads):
            yield
    finally:
        if before is None:
            os.environ.pop("LOKY_MAX_CPU_COUNT", None)
        else:
            os.environ["LOKY_MAX_CPU_COUNT"] = before


def preload() -> None:
    """Import the libraries that almost every step needs and that bring their own threads."""
    for name in ("pandas", "pyarrow", "scipy.linalg", "sklearn.base", "sklearn.utils.extmath"):
        importlib.import_module(name)


@contextmanager
def _own_surroundings() -> Iterator[None]:
    """Undo what a step changes around itself, and give each the same random start."""
    folder, environment = os.getcwd(), dict(os.environ)
    random.seed(0)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(0)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)


@contextmanager
def _warnings(on_warning: Callable[[str], None] | None) -> Iterator[None]:
    """Tell what modules warn of; other warnings are printed, so that the log has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.simplefilter("always", ModuleWarning)
        show = warnings.showwarning

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: Any = None,
            line: str | None = None,
        ) -> None:
            if on_warning is not None and issubclass(category, ModuleWarning):
                on_warning(str(message))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = tell
        yield


def _content_key(file: Path) -> str:
    """Return a name for what a file holds and where, so that no two files meet."""
    content = str(file.resolve()).encode() + b"\0" + file.read_bytes()
    return "_" + hashlib.blake2b(content, digest_size=8).hexdigest()


def _make_packages(name: str, folder: Path) -> None:
    """Make the packages that a person's own module is in, the last one in its folder."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        package = ".".join(parts[:count])
        if package not in sys.modules:
            made = types.ModuleType(package)
            made.__path__ = [str(folder)] if count == len(parts) else []
            sys.modules[package] = made


def _first_line(error: BaseException) -> str:
    if isinstance(error, KeyError) and error.args:
        text = f"{error.args[0]!r} was not found"
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}{f' (“{error.filename}”)' if error.filename else ''}"
    elif isinstance(error, SyntaxError):
        text = error.msg
    else:
        text = str(error)
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= LONGEST_MESSAGE else line[:LONGEST_MESSAGE] + " …"


def _script_line(error: BaseException) -> dict[str, int]:
    """Return the line of a person's script that an exception comes from, if any."""
    if isinstance(error, SyntaxError) and _is_script(error.filename or "") and error.lineno:
        return {"line": error.lineno}
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if _is_script(frame.f_code.co_filename)
    ]
    return {"line": lines[-1]} if lines else {}


def _is_script(filename: str) -> bool:
    return filename.startswith("<") and "script" in filename.lower()


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
