"""Collects the texts of the window, modules, messages, and pages of the guide for translation.

    python tools/texts.py

Adds new texts to the catalogs in resources/locale, removes those that are gone, and compiles the
catalogs. Translations that exist stay; a new text has an empty one until somebody enters it.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from composed_texts import composed_texts

from designer.catalog import load_catalog
from designer.long_texts import DOMAIN as LONG_TEXTS
from designer.long_texts import ITEM, introduction, paragraphs, sections
from designer.pipeline import file as pipeline_file
from designer.texts import LANGUAGES
from modules.contract import ModuleSpec, Rules
from modules.contract.messages import KIND_LABELS
from modules.contract.parameter import sentence
from modules.contract.port_type import port_types

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "resources" / "locale"
DOCS = ROOT / "docs"

SINGLE, PLURAL = ("tr", "N_"), ("ngettext", "counted")

_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""A date that changes would make every two branches conflict."""

_ONLY_CODE = re.compile(r"(`+).+?\1|\]\([^)]*\)")
"""What isn't translated of a text: code, and where a link leads."""

_OF_MODULE = re.compile(r"\[[^]]+\]\((?!README)[\w-]+\.md(#\w+\): |\)$)")
"""A line of the reference's index: its title and summary are texts of the module."""

Text = str | tuple[str, str]


@cache
def window_texts() -> set[Text]:
    """Return the texts in the source of the designer: one, or singular and plural."""
    return {
        text
        for file in sorted((ROOT / "designer").rglob("*.py"))
        for text in texts_of(file.read_text(encoding="utf-8"))
    }


def texts_of(source: str) -> Iterator[Text]:
    """Yield the literal texts that a program passes to the functions of ``designer.texts``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            literals = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if node.func.id in SINGLE and literals and literals[0]:
                yield literals[0]
            elif node.func.id in PLURAL and len(literals) >= 2:
                yield literals[0], literals[1]


@cache
def module_texts() -> set[Text]:
    """Return titles and help of the built-in modules, categories, ports, parameters, and types."""
    found: set[Text] = set()
    for spec in built_in_modules():
        found |= {spec.title, spec.category.title, spec.category.task} - {""}
        found |= {spec.summary}
        for part in (*spec.inputs, *spec.outputs, *spec.parameters):
            found |= {part.title, part.help}
        found |= {task for part in (*spec.inputs, *spec.outputs) for task in part.tasks}
        found |= {choice for each in spec.parameters for choice in each.choices if is_words(choice)}
        rules = [each.marker for each in spec.parameters if isinstance(each.marker, Rules)]
        found |= {comparison.name for each in rules for comparison in each.comparisons}
    for kind in port_types().values():
        found |= {kind.port_type.title, kind.port_type.phrase, kind.port_type.description}
    return found - {""}


@cache
def built_in_modules() -> tuple[ModuleSpec, ...]:
    """Return the modules that come with the designer."""
    specs = load_catalog().values()
    return tuple(spec for spec in specs if spec.function.__module__.startswith("modules."))


def is_words(choice: object) -> bool:
    """Return whether a choice is shown in words, and not a name such as ``l-bfgs``."""
    return isinstance(choice, str) and bool(re.fullmatch(r"[A-Za-z][a-z' -]+(?: .*)?", choice))


@cache
def message_texts() -> set[Text]:
    """Return the texts of rooms below the window that aren't in the other two catalogs."""
    found = {text for texts in composed_texts(ROOT).values() for text in texts}
    found |= set(KIND_LABELS.values())
    # The window fills in its own texts, so their forms aren't recognized.
    shown = {text for text in window_texts() if "{" not in text}
    return found - shown - module_texts()


def page_texts() -> set[Text]:
    """Return explanations of built-in modules and samples, and the texts of pages for users."""
    found = {
        text.removeprefix(ITEM)
        for spec in built_in_modules()
        for texts in (
            introduction(spec.help)[1:],
            *(texts for _, texts in sections(spec.help)),
        )
        for text in texts
    }
    for file in (ROOT / "samples").glob(f"*{pipeline_file.SUFFIX}"):
        title = sentence(file.name.removesuffix(pipeline_file.SUFFIX))
        found |= {title, pipeline_file.read(file).description}
    for file in user_pages():
        found |= set(paragraphs(file.read_text(encoding="utf-8")))
    words = {
        text
        for text in found
        if re.search("[A-Za-z]{2}", _ONLY_CODE.sub("", text)) and not _OF_MODULE.match(text)
    }
    return words - window_texts() - module_texts() - message_texts()


def user_pages() -> Iterator[Path]:
    """Yield the pages about using the designer; of the reference only what isn't made of helps."""
    contents = DOCS / "README.md"
    yield contents
    using, _, _ = contents.read_text(encoding="utf-8").partition("\n## Changing ")
    for name in re.findall(r"\]\(([\w./-]+\.md)\)", using):
        file = DOCS / name
        if file.name != contents.name:
            yield file
        else:
            pages = sorted(file.parent.glob("*.md"))
            yield from pages if file.parent.name != "modules" else [file]


COLLECT = {
    "window": window_texts,
    "modules": module_texts,
    "messages": message_texts,
    LONG_TEXTS: page_texts,
}


def po_file(language: str, domain: str) -> Path:
    """Return the catalog that translators edit."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def read(language: str, domain: str) -> Catalog:
    """Return a catalog; an empty one if there is none yet."""
    file = po_file(language, domain)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def updated(language: str, domain: str) -> Catalog:
    """Return a catalog with exactly the texts that there are now."""
    known = read(language, domain)
    made = Catalog(
        locale=language,
        domain=domain,
        project="ModelDesk",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        header_comment="# Texts of ModelDesk. Collected and compiled by tools/texts.py.",
        fuzzy=False,
    )
    for text in COLLECT[domain]():
        message = known.get(text)
        added = made.add(text, message.string if message is not None else "")
        # Babel takes "80 % of" for a format.
        added.flags.discard("python-format")
    return made


def po_text(catalog: Catalog) -> bytes:
    """Return a catalog as translators edit it."""
    stream = io.BytesIO()
    write_po(stream, catalog, width=0, sort_output=True, no_location=True)
    return stream.getvalue()


def mo_content(catalog: Catalog) -> bytes:
    """Return a compiled catalog."""
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()


def main() -> None:
    """Update and compile every catalog."""
    for language in LANGUAGES:
        for domain in COLLECT if language != "en" else ():
            catalog = updated(language, domain)
            file = po_file(language, domain)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(po_text(catalog))
            file.with_suffix(".mo").write_bytes(mo_content(catalog))
            missing = [each.id for each in catalog if each.id and not all(_strings(each.string))]
            print(f"{language}/{domain}: {len(catalog)} texts, {len(missing)} not translated")
            for text in missing[:20]:
                print(f"  {text}")


def _strings(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    main()
