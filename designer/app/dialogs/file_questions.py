"""What is asked about files: changes that aren't saved, a run that would end, other versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from designer.app.dialogs.question import Answer, ask
from designer.app.document.recovery import Recovery
from designer.texts import tr


def ask_about_changes(parent: QWidget, title: str) -> Answer:
    """Ask whether to save a pipeline that has changes: Save, Discard, or Cancel."""
    return ask(
        parent,
        tr("Save changes?"),
        tr("“{title}” has unsaved changes.").format(title=title),
        {Answer.Save: "", Answer.Discard: ""},
        usual=Answer.Save,
    )


def may_end_run(parent: QWidget, title: str, finished: SignalInstance[Any]) -> bool:
    """Ask whether a run may be cancelled; there is nothing to ask once it has finished."""
    answer = ask(
        parent,
        tr("Cancel the run?"),
        tr("A run of “{title}” is in progress.").format(title=title),
        # “Cancel” would read like cancelling the run.
        {Answer.Yes: tr("Cancel run"), Answer.Cancel: tr("Keep running")},
        explanation=tr("Closing cancels it. Results of completed steps are kept."),
        settled=(finished, Answer.Yes),
    )
    return answer == Answer.Yes


def may_overwrite(parent: QWidget, path: Path) -> bool:
    """Ask whether to overwrite a file that another program has changed."""
    answer = ask(
        parent,
        tr("Overwrite the file?"),
        tr("“{name}” was changed by another program since it was opened.").format(name=path.name),
        {Answer.Save: tr("Overwrite")},
        warning=True,
    )
    return answer == Answer.Save


def offer(recovery: Recovery) -> str:
    """Return the sentence that offers the work of an earlier session."""
    name = tr("a pipeline that was never saved")
    if recovery.path is not None:
        # Files of other folders may have the same name, the one that is open too.
        name = tr("{name} in {parent}").format(name=recovery.path.name, parent=recovery.path.parent)
    text = tr("ModelDesk kept the changes of {name} when it was closed.").format(name=name)
    if recovery.crashed:
        text = tr("ModelDesk quit unexpectedly. Changes of {name} can be restored.").format(
            name=name
        )
    if recovery.damaged:
        entries = tr(" and ").join(f"“{name}”" for name in recovery.damaged)
        text += tr(" {entries} in “{file}” can't be read and will be ignored.").format(
            entries=entries, file=recovery.file
        )
    return text
