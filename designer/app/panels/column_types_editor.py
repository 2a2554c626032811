"""Editor of the types of columns: a summary, with a button that opens the table of columns."""

from __future__ import annotations

from typing import Any

from designer.app.document.column_labels import kind_label
from designer.app.panels.column_editors import SummaryEditor

_SHOWN = 4


class ColumnTypesEditor(SummaryEditor):
    """A summary of the chosen types, with a button that opens the table of the columns."""

    def set_value(self, value: Any) -> None:
        """See base."""
        self._value = value
        types = value if isinstance(value, dict) else {}
        parts = [f"{name}: {kind_label(str(kind))}" for name, kind in types.items()]
        text = ", ".join(parts[:_SHOWN]) + (" …" if len(parts) > _SHOWN else "")
        if value is not None and not isinstance(value, dict):
            text = str(value)
        self._show(text or "All inferred", ", ".join(parts), muted=not text)

    def _open(self) -> None:
        from designer.app.dialogs.column_types import ColumnTypes

        data = self.context.data()
        if data is None:
            return
        parameters = {**data.parameters}
        if not isinstance(self._value, dict):
            parameters.pop(self.parameter.name, None)
        dialog = ColumnTypes(
            self.parameter.title,
            data.module,
            parameters,
            self.parameter.name,
            data.reader,
            at_once=data.at_once,
            parent=self.window(),
        )
        if dialog.exec():
            self.edited.emit(dialog.types() or None)
        dialog.deleteLater()
