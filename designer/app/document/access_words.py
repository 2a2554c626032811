"""What a pipeline does beyond computing, in words."""

from __future__ import annotations

from collections.abc import Sequence

from designer.app.document.labels import Specs, node_label
from designer.engine.accesses import Access
from designer.pipeline.model import Pipeline
from designer.texts import tr

NAMED = 2
"""How many of one kind are named; others are counted."""

LENGTH = 80
"""Letters of a path or URL."""

_VERBS = {"code": "", "read": tr("reading "), "write": tr("writing to ")}


def summary(pipeline: Pipeline, specs: Specs, found: Sequence[Access]) -> str:
    """Return “Execute Python Script” and reading https://host/file; each once."""
    parts = []
    for kind, verb in _VERBS.items():
        names = list(
            dict.fromkeys(
                name
                for access in found
                if access.kind == kind
                for name in _names(pipeline, specs, access)
            )
        )
        if names:
            more = len(names) - NAMED
            shown = names[:NAMED] + ([tr("{more} more").format(more=more)] if more > 0 else [])
            parts.append(verb + listed(shown))
    return listed(parts)


def line(pipeline: Pipeline, specs: Specs, access: Access) -> str:
    """Return what a single node does, for a list."""
    label = node_label(pipeline, specs, access.node)
    if access.kind == "code":
        code = tr("Runs its code: {label}").format(label=label)
        return (
            tr("{code}, which names {listed}").format(
                code=code, listed=listed(_shown(access.targets))
            )
            if access.targets
            else code
        )
    verb = tr("Reads") if access.kind == "read" else tr("Writes to")
    return f"{verb} {listed(_shown(access.targets)) or tr('external data')}: {label}"


def listed(texts: Sequence[str]) -> str:
    """Return “a”, “a and b”, or “a, b, and c”."""
    if len(texts) < 3:
        return tr(" and ").join(texts)
    return tr("{listed}, and {texts}").format(listed=", ".join(texts[:-1]), texts=texts[-1])


def visible(text: str) -> str:
    """Return a text in which nothing is hidden: no line breaks, no marks that reorder letters."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _names(pipeline: Pipeline, specs: Specs, access: Access) -> list[str]:
    title = f"“{specs[pipeline.nodes[access.node].module].title}”"
    if access.kind == "code":
        return [title]
    return _shown(access.targets) or [tr("external data in {title}").format(title=title)]


def _shown(targets: Sequence[str]) -> list[str]:
    shown = []
    for target in targets:
        text = visible(target)
        if len(text) > LENGTH:
            # The host is at the beginning, the file's name at the end.
            text = f"{text[: LENGTH // 2]}…{text[-LENGTH // 2 :]}"
        shown.append(text)
    return shown
