"""Collects the texts of the window, titles of modules, and messages for translation.

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
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from composed_texts import composed_texts

from designer.catalog import load_catalog
from designer.texts import DOMAINS, LANGUAGES
from modules.contract.port_type import port_types

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "resources" / "locale"

SINGLE, PLURAL = ("tr", "N_"), ("ngettext", "counted")

_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""A date that changes would make every two branches conflict."""

Text = str | tuple[str, str]


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


def module_texts() -> set[Text]:
    """Return titles and help of the built-in modules, categories, ports, parameters, and types."""
    found: set[Text] = set()
    built_in = (
        spec for spec in load_catalog().values() if spec.function.__module__.startswith("modules.")
    )
    for spec in built_in:
        found |= {spec.title, spec.category.title, spec.category.task} - {""}
        found |= {spec.summary}
        for part in (*spec.inputs, *spec.outputs, *spec.parameters):
            found |= {part.title, part.help}
        found |= {choice for each in spec.parameters for choice in each.choices if is_words(choice)}
    for kind in port_types().values():
        found |= {kind.port_type.title, kind.port_type.phrase, kind.port_type.description}
    return found - {""}


def is_words(choice: object) -> bool:
    """Return whether a choice is shown in words, and not a name such as ``l-bfgs``."""
    return isinstance(choice, str) and bool(re.fullmatch(r"[A-Za-z][a-z' -]+(?: .*)?", choice))


def message_texts() -> set[Text]:
    """Return the texts of rooms below the window that aren't in the other two catalogs."""
    found = {text for texts in composed_texts(ROOT).values() for text in texts}
    # The window fills in its own texts, so their forms aren't recognized.
    shown = {text for text in window_texts() if "{" not in text}
    return found - shown - module_texts()


COLLECT = {"window": window_texts, "modules": module_texts, "messages": message_texts}


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
        for domain in DOMAINS if language != "en" else ():
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
