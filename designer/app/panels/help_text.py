"""The help of a module, made from its docstring and specification."""

from __future__ import annotations

from html import escape

from designer.app.datasets.datasets import RegisteredDataset
from designer.app.library.translation import choice_in_language
from designer.app.shell import theme
from designer.app.widgets.sentence_case import in_sentence
from designer.composed_texts import in_language
from designer.long_texts import ITEM, introduction, paragraph_in_language, sections
from designer.texts import tr
from modules.contract import ColumnSelector, ModuleSpec, Parameter

EXAMPLE = "example"
"""The address of the link that adds an example."""


def module_html(
    spec: ModuleSpec,
    hint: str | None = None,
    *,
    short: bool = False,
    with_example: bool = False,
) -> str:
    """Return the help of a module as the HTML that Qt's labels understand.

    Parameters
    ----------
    hint : str, optional
        What to do so that the module can be used.
    short : bool
        Title and introduction only.
    with_example : bool
        Offer to add an example.
    """
    colors = theme.current()
    parts = [f"<p><b>{escape(spec.title)}</b></p>"]
    if hint:
        parts.append(f'<p style="color:{colors.warning}">{escape(hint)}</p>')
    parts.extend(_paragraph(text) for text in introduction(spec.help))
    if with_example:
        style = f'style="color:{colors.accent}"'
        parts.append(f'<p><a href="{EXAMPLE}" {style}>{tr("Add an example")}</a></p>')
    if short:
        return "".join(parts)
    muted = f'style="color:{colors.text_muted}"'
    for title, ports in ((tr("Inputs"), spec.inputs), (tr("Outputs"), spec.outputs)):
        if ports:
            parts.append(f"<h4>{title}</h4>")
        for port in ports:
            kind = escape(in_language(port.type_title))
            kind += tr(", optional") if port.optional else ""
            text = f"<br>{_inline(port.help)}" if port.help else ""
            parts.append(f"<p><b>{escape(port.title)}</b> <span {muted}>{kind}</span>{text}</p>")
    if spec.parameters:
        parts.append(f"<h4>{tr('Parameters')}</h4>")
    for parameter in spec.parameters:
        facts = []
        if parameter.choices:
            several = tr("any of ") if parameter.kind == "choices" else ""
            choices = parameter.choices
            facts.append(several + ", ".join(choice_in_language(each, choices) for each in choices))
        elif parameter.limits:
            facts.append(in_language(parameter.limits))
        if parameter.required:
            facts.append(tr("required"))
        elif parameter.default not in (None, "", []) and parameter.kind != "script":
            facts.append(tr("default {default_text}").format(default_text=default_text(parameter)))
        detail = f" <span {muted}>{escape('; '.join(facts))}</span>" if facts else ""
        text = f"<br>{_inline(parameter.help)}" if parameter.help else ""
        parts.append(f"<p><b>{escape(parameter.title)}</b>{detail}{text}</p>")
    for title, texts in sections(spec.help):
        parts.append(f"<h4>{tr(title)}</h4>")
        parts.extend(map(_paragraph, texts))
    return "".join(parts)


def dataset_html(dataset: RegisteredDataset) -> str:
    """Return the details of a registered dataset, as HTML like a module's help."""
    parts = [f"<p><b>{escape(dataset.name)}</b></p>"]
    if dataset.summary:
        parts.append(f"<p>{escape(dataset.summary)}</p>")
    about = tr("Registered dataset, version {version}, from {name}.").format(
        version=dataset.version, name=dataset.file.name
    )
    return "".join(parts) + f"<p>{escape(about)}</p>"


def default_text(parameter: Parameter) -> str:
    """Return the default value of a parameter as text."""
    if parameter.kind == "columns":
        return in_sentence(in_language(ColumnSelector.from_json(parameter.default).describe()))
    if parameter.default is None:
        return tr("not set")
    if parameter.default in ("", []):
        return tr("empty")
    if isinstance(parameter.default, list):
        return ", ".join(map(str, parameter.default))[:60]
    if isinstance(parameter.default, bool):
        return tr("on") if parameter.default else tr("off")
    if parameter.kind == "script":
        return tr("the example script")
    text = str(parameter.default)
    return choice_in_language(text, parameter.choices) if parameter.choices else text[:60]


def _paragraph(text: str) -> str:
    text = paragraph_in_language(text)
    if text.startswith(ITEM):
        return f'<p style="margin-left:12px">•&nbsp;{_inline(text.removeprefix(ITEM))}</p>'
    return f"<p>{_inline(text)}</p>"


def _inline(text: str) -> str:
    """Escape, and turn double backticks into code."""
    pieces = escape(" ".join(text.split())).split("``")
    return "".join(
        f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces)
    )
