"""The catalog with titles in the language of the window."""

from __future__ import annotations

from dataclasses import replace

from designer.catalog import Catalog
from designer.texts import language, tr
from modules.contract.specification import ModuleSpec, Port


def translated(catalog: Catalog) -> Catalog:
    """Return a catalog whose modules have titles in the language that is used.

    Titles are only shown: ids, names, and fingerprints stay as they are. A module is found by its
    English title as well.
    """
    if language() == "en":
        return catalog
    return Catalog(map(_translated, catalog.values()), catalog.problems)


def _translated(spec: ModuleSpec) -> ModuleSpec:
    return replace(
        spec,
        title=tr(spec.title),
        category=replace(spec.category, title=tr(spec.category.title)),
        inputs=tuple(map(_port, spec.inputs)),
        outputs=tuple(map(_port, spec.outputs)),
        parameters=tuple(replace(each, title=tr(each.title)) for each in spec.parameters),
        keywords=(*spec.keywords, spec.title),
    )


def _port(port: Port) -> Port:
    copy = replace(port)
    # The title is made from the name and cached.
    copy.__dict__["title"] = tr(port.title)
    return copy
