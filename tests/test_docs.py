"""The pages agree with the modules, with each other and with the files they link to."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import click
import pytest

from designer.catalog import load_catalog
from designer.cli.main import main

ROOT = Path(__file__).resolve().parent.parent


def test_the_module_reference_is_current() -> None:
    source = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
    assert source
    assert source.loader
    tool = importlib.util.module_from_spec(source)
    source.loader.exec_module(tool)
    wanted = tool.pages()
    found = {path.name: path.read_text("utf-8") for path in tool.FOLDER.glob("*.md")}
    assert found == wanted, "run: make docs"


def test_the_reference_of_a_module_lacks_no_part() -> None:
    pages = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/modules").glob("*.md")}
    sections = {
        id: part
        for page in pages.values()
        for id, part in re.findall(r'<a id="(\w+)"></a>(.*?)(?=<a id=|\Z)', page, re.S)
    }
    built_in = [
        spec for spec in load_catalog().values() if spec.function.__module__.startswith("modules.")
    ]
    assert len(sections) == len(built_in)
    for spec in built_in:
        part = sections[spec.id]
        assert spec.summary in part, spec.id
        for port in (*spec.inputs, *spec.outputs):
            assert f"- `{port.name}` (" in part, (spec.id, port.name)
        for parameter in spec.parameters:
            assert f"(`{parameter.name}`) |" in part, (spec.id, parameter.name)
        assert "\nNotes\n-----\n" in spec.help, spec.id
        assert "**Example**" in part, spec.id


def test_links_between_pages_lead_to_files() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if "://" not in target
    ]
    assert len(links) > 20
    lost = [
        f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()
    ]
    assert lost == []


def test_every_page_is_in_the_index() -> None:
    folder = ROOT / "docs"
    listed = re.findall(r"^\| \[.+?\]\((.+?)\)", (folder / "README.md").read_text("utf-8"), re.M)
    pages = {page.name for page in folder.glob("*.md")} - {"README.md"}
    assert pages == {name for name in listed if "/" not in name}


def test_the_readme_lists_every_command() -> None:
    block = (ROOT / "README.md").read_text("utf-8").partition("## Command line")[2]
    names = main.list_commands(click.Context(main))
    assert len(names) > 10
    assert [
        name for name in names if not re.search(rf"^designer [a-z |]*\b{name}\b", block, re.M)
    ] == []


def command_lines() -> list[tuple[str, str]]:
    """Return every command line of the pages with the name of its page."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return [
        (page.name, found.strip("`"))
        for page in pages
        for found in re.findall(r"^designer .+$|`designer [^`]+`", page.read_text("utf-8"), re.M)
    ]


def test_command_lines_of_the_pages_name_commands_and_options_that_exist() -> None:
    # The page about adding a command adds one.
    lines = [each for each in command_lines() if each != ("adding-a-command.md", "designer count")]
    assert len(lines) > 40
    wrong = [f"{page}: {line}" for page, line in lines if not _is_command_line(line)]
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [
        "designer rum FILE",
        "designer run FILE --sett a.b=1",
        "designer endpoints hist",
        "designer --hepl",
    ],
)
def test_wrong_command_lines_are_found(line: str) -> None:
    assert not _is_command_line(line)


def _is_command_line(line: str) -> bool:
    """Tell whether the command and the options of a line exist, whatever their values are."""
    words = re.split(r"\s{2,}", line)[0].replace("[", " ").replace("]", " ").split()[1:]
    command: click.Command = main
    while words and isinstance(command, click.Group) and re.fullmatch("[a-z]+", words[0]):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return False
        command, words = found, words[1:]
    known = {name for each in command.get_params(click.Context(command)) for name in each.opts}
    return {word.split("=")[0] for word in words if word.startswith("-")} <= known


def test_the_pages_for_developers_name_files_that_exist() -> None:
    pages = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/writing-modules.md"]
    texts = [ROOT / page for page in pages] + sorted((ROOT / "docs" / "decisions").glob("*.md"))
    named = {
        name
        for text in texts
        for name in re.findall(
            r"`((?:designer|modules|tests|docs|benchmarks|tools)/[\w./]+)`", text.read_text("utf-8")
        )
    }
    assert len(named) > 80
    # A category stands for all of them.
    assert sorted(name for name in named if not (ROOT / name).exists()) == ["modules/CATEGORY"]


def test_the_architecture_has_the_layers_that_are_enforced() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    enforced = {
        contract["containers"][0]: contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    }
    shown = re.findall(r"^```layers (\w+)\n(.*?)\n```$", text, re.M | re.S)
    assert {name: lines.split("\n") for name, lines in shown} == enforced


def test_every_decision_record_is_listed_and_answers_the_four_questions() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(folder.glob("[0-9]*.md"))
    listed = re.findall(
        r"^\| \[(\d{4})\]\((.+?)\)", (folder / "README.md").read_text("utf-8"), re.M
    )
    assert listed == [(record.name[:4], record.name) for record in records]
    questions = re.findall(r"^## (.+)$", (folder / "template.md").read_text("utf-8"), re.M)
    for record in records:
        text = record.read_text("utf-8")
        assert text.startswith(f"# {record.name[:4]}: "), record.name
        assert re.findall(r"^## (.+)$", text, re.M) == questions, record.name
