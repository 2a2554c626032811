"""One sentence where a result would be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.app.views.icon_label import IconLabel


class MessageView(QWidget):
    """Shows why there is no result, or that it is loading."""

    def __init__(
        self, message: str, hint: str = "", icon: str = "warning", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(f"{message} {hint}".strip())
        self.message, self.hint = message, hint
        picture = IconLabel(icon, 32, icon if icon in ("warning", "error") else "text_muted")
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for text, role in ((message, "heading"), (hint, "muted")):
            if text:
                label = QLabel(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setProperty("role", role)
                label.setWordWrap(True)
                label.setAlignment(Qt.AlignmentFlag.AlignCenter)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(label)
        column.addStretch(3)
