"""``designer modules``: the catalog, or one module's help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.errors import InputError
from designer.cli.listing import (
    ListGroup,
    examples,
    json_option,
    modules_of,
    workspace_option,
)
from designer.cli.output import print_json
from designer.skeletons import KINDS
from modules.contract.parameter import sentence

if TYPE_CHECKING:
    from rich.console import RenderableType

    from designer.catalog import Catalog
    from designer.workspace import Workspace
    from modules.contract.specification import ModuleSpec, Parameter, Port


class ModulesGroup(ListGroup):
    """A group that shows a module whose name is where a command would be."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Show a module if the first argument isn't a command."""
        if args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=ModulesGroup)
def modules() -> None:
    """List the modules, explain one, or write your own.

    “designer modules NAME” explains a module by its id or title. Your own modules are
    those in the folder “modules” of the workspace. Shared modules are files NAME.module.json:
    there, in the current folder, and beside a pipeline.
    """


beside_option = click.option(
    "--beside",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Pipeline whose shared modules are included. Default: those of the current folder.",
)


@modules.command(
    "list",
    epilog=examples(
        "designer modules list",
        "designer modules list --json",
        "designer modules list --beside cars.pipeline.json",
    ),
)
@beside_option
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for programs.")
def list_modules(beside: Path | None, folder: Path | None, as_json: bool) -> None:
    """List the modules by category."""
    from designer.workspace import Workspace

    catalog = _with_shared(Workspace(folder), beside)
    if as_json:
        specs = [spec for members in catalog.categories().values() for spec in members]
        print_json([_to_json(catalog, spec) for spec in specs])
    else:
        _print_list(catalog)


@modules.command(
    "show",
    epilog=examples(
        "designer modules show split_data",
        'designer modules show "Split Data"',
        "designer modules show group_by --example group_by.pipeline.json",
    ),
)
@click.argument("module")
@beside_option
@workspace_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for programs.")
@click.option(
    "--example",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Pipeline file to create, with an example of MODULE.",
)
def show_module(
    module: str, beside: Path | None, folder: Path | None, as_json: bool, file: Path | None
) -> None:
    """Explain one MODULE (its id or title), or write an example of it."""
    from designer.workspace import Workspace

    catalog = _with_shared(Workspace(folder), beside)
    spec = _find(catalog, module)
    if file is not None:
        _write_example(catalog, spec, file)
    elif as_json:
        print_json([_to_json(catalog, spec)])
    else:
        _print_help(catalog, spec)


@modules.command(
    "new",
    epilog=examples(
        'designer modules new "Cap Values"',
        "designer modules new my_forest --kind learner",
    ),
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="transform",
    show_default=False,
    help="What to start from: transform (a table to a table), fitted (learned, then applied), "
    "learner, source (makes a dataset), report. Default: transform.",
)
@workspace_option
@json_option
def new_module(name: str, kind: str, folder: Path | None, as_json: bool) -> None:
    """Write a commented module with its test into your modules folder.

    NAME is its title or id. An open window shows it at once, and again when you save a change.
    """
    from designer.skeletons import SkeletonError, write_module
    from designer.workspace import Workspace

    workspace = Workspace(folder)
    try:
        written = write_module(workspace.modules_folder, name, kind, modules_of(workspace))
    except SkeletonError as error:
        raise InputError(str(error), error.hint) from None
    except OSError as error:
        raise InputError(f"“{error.filename}” can't be written: {error.strerror}.") from None
    if as_json:
        print_json({"module": str(written.module), "test": str(written.test)})
        return
    click.echo(f"Module: {written.module}")
    click.echo(f"Test:   {written.test}")
    click.echo(f'Edit the module, then run its test: python -m pytest "{written.test}"')


def _with_shared(workspace: Workspace, beside: Path | None) -> Catalog:
    """Return all modules, with the shared ones for a pipeline or of the current folder."""
    from designer.catalog import Catalog
    from designer.pipeline.shared.describing import described
    from designer.pipeline.shared.library import Library

    catalog = modules_of(workspace)
    library = Library.beside(beside or Path("current.pipeline.json"), workspace.modules_folder)
    shared = described(library.modules(), catalog)
    return Catalog([*catalog.values(), *shared], catalog.problems) if shared else catalog


def _write_example(catalog: Catalog, spec: ModuleSpec, file: Path) -> None:
    from designer.examples import example
    from designer.pipeline.file import PipelineFileError, write

    pipeline = example(spec, catalog)
    if pipeline is None:
        raise InputError(
            f"{spec.title} has no example: it needs a file.",
            "Choose another module.",
        )
    if file.exists():
        raise InputError(f"“{file}” already exists.", "Choose another name.")
    try:
        write(pipeline, file)
    except (OSError, PipelineFileError) as error:
        raise InputError(f"“{file}” can't be written: {error}", "Choose another folder.") from None
    click.echo(f"Saved {file}.")


def _find(catalog: Catalog, name: str) -> ModuleSpec:
    from designer.pipeline.problem import near_module
    from designer.pipeline.shared.library import SUFFIX

    titles = {spec.title.lower(): spec for spec in catalog.values()}
    spec = catalog.get(name) or catalog.get(f"{name}{SUFFIX}") or titles.get(name.lower())
    if spec is None:
        raise InputError(f"There is no module “{name}”.", near_module(name, catalog))
    return spec


def _to_json(catalog: Catalog, spec: ModuleSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "title": spec.title,
        "category": spec.category_title,
        "version": spec.version,
        "available": catalog.available(spec),
        "install": catalog.install_hint(spec),
        "inputs": [
            {"name": port.name, "type": port.type_name, "optional": port.optional}
            for port in spec.inputs
        ],
        "outputs": [{"name": port.name, "type": port.type_name} for port in spec.outputs],
        "parameters": [
            {
                "name": parameter.name,
                "title": parameter.title,
                "type": parameter.kind,
                "default": None if parameter.required else parameter.default,
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
                "choices": list(parameter.choices),
                "requires": {value: list(each) for value, each in parameter.requires.items()},
                "when": {name: list(values) for name, values in parameter.when.items()},
                "help": parameter.help,
            }
            for parameter in spec.parameters
        ],
        "help": spec.help,
    }


def _print_list(catalog: Catalog) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for category, specs in catalog.categories().items():
        table.add_row(Text(category, "bold"))
        for spec in specs:
            summary = Text(spec.summary)
            if not catalog.available(spec):
                summary.append(f" ({catalog.install_hint(spec)})", "yellow")
            table.add_row(Text(f"  {spec.id}", "cyan"), summary)
    console.print(table)


def _print_help(catalog: Catalog, spec: ModuleSpec) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    console.print(Text.assemble((spec.title, "bold"), f"  {spec.id}, version {spec.version}"))
    console.print(Text(spec.category_title, "dim"))
    hint = catalog.install_hint(spec)
    if hint:
        console.print(Text(f"Not available here: {hint}", "yellow"))
    console.print()
    console.print(Text(_flowing(_prose(spec.help))))
    for title, ports in (("Inputs", spec.inputs), ("Outputs", spec.outputs)):
        if ports:
            console.print(Text(f"\n{title}", "bold"))
            console.print(_table([_port_row(port) for port in ports]))
    if spec.parameters:
        console.print(Text("\nParameters", "bold"))
        console.print(_table([_parameter_row(parameter) for parameter in spec.parameters]))
    notes = _section(spec.help, "Notes")
    if notes:
        console.print(Text(f"\n{_flowing(notes)}"))


def _table(rows: list[tuple[str, str]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for name, text in rows:
        table.add_row(Text(f"  {name}", "cyan"), Text(text))
    return table


def _port_row(port: Port) -> tuple[str, str]:
    optional = ", optional" if port.optional else ""
    return port.name, _joined(f"{sentence(port.type_title)}{optional}.", port.help)


def _parameter_row(parameter: Parameter) -> tuple[str, str]:
    facts = [parameter.kind]
    if parameter.choices:
        several = "any of " if parameter.kind == "choices" else "one of "
        facts.append(several + ", ".join(map(_value, parameter.choices)))
    for value, libraries in parameter.requires.items():
        facts.append(f"{_value(value)} needs {', '.join(libraries)}")
    if parameter.limits:
        facts.append(parameter.limits)
    if parameter.required:
        facts.append("required")
    elif parameter.default not in ("", None, []):
        facts.append(f"default {_default(parameter)}")
    for name, values in parameter.when.items():
        facts.append(f"only when {name} is " + " or ".join(map(_value, values)))
    return parameter.name, _joined(f"{parameter.title}: {'; '.join(facts)}.", parameter.help)


def _default(parameter: Parameter) -> str:
    if parameter.kind == "columns":
        from modules.contract.columns import ColumnSelector

        return ColumnSelector.from_json(parameter.default).describe()
    return _value(parameter.default)


def _value(value: Any) -> str:
    """Return a value as a pipeline file has it; of a text the first line, in quotes."""
    if isinstance(value, str):
        first, *more = value.splitlines() or [""]
        return f"“{first}{' …' if more else ''}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return str(value)


def _joined(first: str, second: str) -> str:
    return _flowing(f"{first} {second}".strip())


def _prose(text: str) -> str:
    """Return the text before the first section of a numpydoc docstring."""
    lines = text.splitlines()
    for index, line in enumerate(lines[1:], start=1):
        if line.startswith("---") and not line.strip("-"):
            lines = lines[: index - 1]
            break
    return "\n".join(lines).strip()


def _flowing(text: str) -> str:
    """Join the lines of each paragraph, so that they wrap at the width of the terminal."""
    paragraphs = []
    for paragraph in text.replace("``", "").split("\n\n"):
        marked = any(line.startswith((" ", "- ", "* ", ">>>")) for line in paragraph.splitlines())
        paragraphs.append(paragraph if marked else paragraph.replace("\n", " "))
    return "\n\n".join(paragraphs)


def _section(text: str, title: str) -> str:
    """Return the text of one section of a numpydoc docstring, without its heading."""
    _, found, rest = text.partition(f"{title}\n{'-' * len(title)}\n")
    return _prose(rest) if found else ""
