"""Write the module reference, docs/modules, from the modules' own specifications."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from designer.catalog import Catalog, load_catalog
from designer.examples import example
from designer.paths import EXAMPLE_PREFIX
from modules.contract import ColumnSelector
from modules.contract.specification import ModuleSpec, Parameter, Port

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "modules"


COMPARED = """# Module reference

Made by `make docs` from the modules' docstrings.

Every module of Azure ML designer is here under its name. Where one differs, its page shows how;
this applies to all:

- Titles of parameters are those of Azure ML designer; the ids of ports and parameters, which files
  and the command line use, are shorter. A parameter that has only one choice there is omitted.
- Each parameter of a learner is a value, a list, or a range, in place of *Create trainer mode* and
  the parameters named *Range for …*, whose defaults are the values to try. So Train Model never
  trains with values meant for tuning, nor Tune Model Hyperparameters with others than those shown.
- A seed is a fixed seed: 0 isn't the clock. Where training doesn't depend on chance there is none.
- A parameter is shown only where it has an effect.
- What is fitted to data is also output as a transformation, so that an endpoint applies it as
  fitted. What has a chart is output as a report or an evaluation, not only drawn.
- Inputs that must be linked come first.
"""


def main() -> int:
    """Write every page anew; pages of categories that are gone are removed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted)} pages in {FOLDER.relative_to(FOLDER.parent.parent)}")
    return 0


def pages() -> dict[str, str]:
    """Return the text of every page by file name."""
    built_in = [
        spec for spec in load_catalog().values() if spec.function.__module__.startswith("modules.")
    ]
    catalog = Catalog(built_in)
    categories = catalog.categories()
    index = [COMPARED]
    found = {}
    for category, specs in categories.items():
        name = re.sub(r"[^a-z]+", "-", category.lower()) + ".md"
        index += [f"## [{category}]({name})", ""]
        index += [f"- [{spec.title}]({name}#{spec.id}): {spec.summary}" for spec in specs]
        index.append("")
        found[name] = "\n".join([f"# {category}", "", *(_section(spec, catalog) for spec in specs)])
    found["README.md"] = "\n".join(index)
    return found


def _section(spec: ModuleSpec, catalog: Catalog) -> str:
    lines = [f'<a id="{spec.id}"></a>', "", f"## {spec.title}", "", f"`{spec.id}`", ""]
    lines += [_prose(spec.help), ""]
    for heading, ports in (("Inputs", spec.inputs), ("Outputs", spec.outputs)):
        if ports:
            lines += [f"**{heading}**", "", *(_port(port) for port in ports), ""]
    if spec.parameters:
        lines += ["| parameter | default | what it does |", "| --- | --- | --- |"]
        lines += [_row(spec, parameter) for parameter in spec.parameters]
        lines.append("")
    notes = _part(spec.help, "Notes")
    if notes:
        lines += [notes, ""]
    lines += [_example(spec, catalog), ""]
    return "\n".join(lines)


def _example(spec: ModuleSpec, catalog: Catalog) -> str:
    """Return the example as a list of its modules, each with what it is linked to."""
    pipeline = example(spec, catalog)
    if pipeline is None:
        raise LookupError(f"{spec.id} has no example.")
    names = {name: catalog[node.module].title for name, node in pipeline.nodes.items()}
    lines = [
        "**Example** (*Add an example* in the palette, or "
        f"`designer modules show {spec.id} --example example.pipeline.json`)",
        "",
    ]
    order = sorted(pipeline.nodes.values(), key=lambda node: (node.position[1], node.position[0]))
    for node in order:
        its = catalog[node.module]
        # Of an input that a request shares with a dataset, both.
        sources = [names[link[0].node] for link in pipeline.links if link[1].node == node.id]
        text = f"- {names[node.id]}"
        if sources:
            text += f", linked to {' and '.join(sources)}"
        chosen = [
            f"{its.parameter_by_name[name].title} `{_value(value, its.file.parent.name)}`"
            for name, value in node.parameters.items()
            if "\n" not in str(value)
        ]
        lines.append(text + (f": {', '.join(chosen)}" if chosen else ""))
    return "\n".join(lines)


def _value(value: Any, category: str) -> str:
    """Return a value in short; a file that comes with the example by its name."""
    if isinstance(value, list):
        described = (
            each["name"] if isinstance(each, dict) and "name" in each else str(each)
            for each in value
        )
        return ", ".join(described)
    return str(value).removeprefix(f"{EXAMPLE_PREFIX}{category}/")


def _port(port: Port) -> str:
    optional = ", optional" if port.optional else ""
    return f"- `{port.name}` ({port.type_title}{optional}): {port.help}"


def _row(spec: ModuleSpec, parameter: Parameter) -> str:
    end = "" if parameter.help.endswith((".", "…")) else "."
    what = [parameter.help + end] if parameter.help else []
    if parameter.choices:
        several = "Any of " if parameter.kind == "choices" else "One of "
        what.append(several + ", ".join(f"`{choice}`" for choice in parameter.choices) + ".")
    if parameter.limits:
        number = "Integer" if parameter.kind == "integer" else "Number"
        what.append(f"{number} {parameter.limits}.")
    for value, libraries in parameter.requires.items():
        what.append(f"`{value}` needs {', '.join(libraries)}.")
    for name, values in parameter.when.items():
        listed = " or ".join(f"`{value}`" for value in values)
        what.append(f"Only when {spec.parameter_by_name[name].title} is {listed}.")
    cells = (f"{parameter.title} (`{parameter.name}`)", _default(parameter), " ".join(what))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _default(parameter: Parameter) -> str:
    value: Any = parameter.default
    if parameter.required:
        return "required"
    if value is None or value == "":
        return ""
    if parameter.kind == "columns":
        return ColumnSelector.from_json(value).describe()
    if isinstance(value, str) and "\n" in value:
        return "a sample script"
    if isinstance(value, list):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{value}`"


def _prose(text: str) -> str:
    """Return what stands before the first section of a numpydoc docstring."""
    return re.split(r"\n\w+\n-{3,}\n", text)[0].strip()


def _part(text: str, heading: str) -> str:
    found = re.search(rf"\n{heading}\n-{{3,}}\n(.*?)(?=\n\w+\n-{{3,}}\n|\Z)", text, re.S)
    return found[1].strip() if found else ""


if __name__ == "__main__":
    sys.exit(main())
