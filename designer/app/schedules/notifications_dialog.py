"""The dialog of notifications: who is notified of how runs end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text, explained
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.widgets.dialog_size import fit, usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import ChoiceBox, follow_selection
from designer.app.widgets.fitted_stack import FittedStack
from designer.app.widgets.form import Form, form_page
from designer.app.widgets.scrolling import TallArea
from designer.app.widgets.text_scale import scaled
from designer.composed_texts import in_language
from designer.records import DamagedRecordError
from designer.scheduling.channels import Channel, Command, Desktop, Email, Webhook
from designer.scheduling.delivery import Notification, Notifications, check_name
from designer.scheduling.errors import ScheduleError
from designer.scheduling.news import News
from designer.texts import tr
from designer.workspace import Workspace, WorkspaceError

CHANNELS = {
    "desktop": tr("Desktop"),
    "email": "E-mail",
    "webhook": tr("Webhook"),
    "command": tr("Command"),
}
WHEN = {
    "completed": tr("A run completes"),
    "failed": tr("A run fails"),
    "attention": tr("A run needs attention"),
}
SECURITY = {"starttls": "STARTTLS", "tls": "TLS", "none": tr("None")}


class NotificationsDialog(QDialog):
    """A list of notifications, and the fields of the chosen one."""

    def __init__(
        self, workspace: Workspace, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._notifications = Notifications(workspace)
        self._background = background
        self._closed = False
        self.setWindowTitle(tr("Notifications"))
        usual_size(self, 760)
        self.list = QListWidget()
        keep_directions(self.list)
        self.list.setAccessibleName(tr("Notifications"))
        self.list.setMaximumWidth(scaled(200))
        self.list.setMinimumHeight(320)
        self.add = QPushButton(tr("New"))
        self.remove = QPushButton(tr("Remove"))
        self.name = _line(tr("Name"))
        self.kind = ChoiceBox()
        self.kind.setAccessibleName(tr("Channel"))
        for key, title in CHANNELS.items():
            self.kind.addItem(title, key)
        self.to = _line(tr("To"), tr("you@example.org, team@example.org"))
        self.host = _line(tr("Server"), tr("smtp.example.org:587"))
        self.security = ChoiceBox()
        self.security.setAccessibleName(tr("Encryption"))
        for key, title in SECURITY.items():
            self.security.addItem(title, key)
        self.user = _line(tr("User"))
        self.password = _line(tr("Password"), tr("Name of a secret; empty for none"))
        self.origin = _line(tr("From"), tr("The first recipient"))
        self.url = _line("URL", tr("https://… (empty if the URL itself is the secret)"))
        self.token = _line(tr("Secret"), tr("Name of a secret; empty for none"))
        self.command = _line(tr("Command"), tr('logger "$MODELDESK_TITLE"'))
        self.when = {key: QCheckBox(title) for key, title in WHEN.items()}
        self.usual = QCheckBox(tr("Use it for schedules that choose none"))
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.save = QPushButton(tr("Save"))
        self.test = QPushButton(tr("Send test"))
        self.stack = FittedStack()
        for button in (self.add, self.remove, self.test):
            button.setAutoDefault(False)
        self.save.setDefault(True)
        self._build()
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.list.currentRowChanged.connect(lambda _: self._show_current())
        follow_selection(self.list)
        self.add.clicked.connect(self._new)
        self.remove.clicked.connect(self._remove)
        self.save.clicked.connect(self._save)
        self.test.clicked.connect(self._test)
        self.finished.connect(lambda _: setattr(self, "_closed", True))
        self._read()

    def _build(self) -> None:
        pages: tuple[Mapping[str, QWidget], ...] = (
            {},
            {
                tr("To"): self.to,
                tr("Server"): self.host,
                tr("Encryption"): self.security,
                tr("User"): self.user,
                tr("Password"): self.password,
                tr("From"): self.origin,
            },
            {tr("URL"): self.url, tr("Secret"): self.token},
            {tr("Command"): self.command},
        )
        for rows in pages:
            self.stack.addWidget(form_page(rows))
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Channel"), self.kind)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.remove)
        left.addLayout(row)
        right = QVBoxLayout()
        right.setSpacing(10)
        fields = QVBoxLayout()
        fields.setSpacing(10)
        fields.addLayout(form)
        fields.addWidget(self.stack)
        fields.addWidget(QLabel(tr("Notify when")))
        for box in (*self.when.values(), self.usual):
            fields.addWidget(box)
        fields.addStretch()
        right.addWidget(TallArea(fields), 1)
        right.addWidget(self.status)
        acts = QHBoxLayout()
        acts.addStretch()
        acts.addWidget(self.test)
        acts.addWidget(self.save)
        right.addLayout(acts)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left)
        both.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(both)
        layout.addWidget(dialog_buttons(self, Kind.Close))

    def _read(self, chosen: str = "") -> None:
        try:
            found = self._notifications.all()
        except DamagedRecordError as error:
            self._show_status(explained(error), "error")
            return
        self.list.clear()
        for each in found:
            item = QListWidgetItem(each.name)
            item.setToolTip(in_language(each.channel.description()))
            item.setData(Qt.ItemDataRole.UserRole, each)
            self.list.addItem(item)
        names = [each.name for each in found]
        self.list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        if not found:
            self._new()

    def _show_current(self) -> None:
        item = self.list.currentItem()
        found = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        self.remove.setEnabled(found is not None)
        if isinstance(found, Notification):
            self._show_status("")
            self._fill(found)

    def _show_kind(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        # Once the fields are laid out.
        QTimer.singleShot(0, self, partial(fit, self))

    def _new(self) -> None:
        self.list.setCurrentRow(-1)
        self.remove.setEnabled(False)
        first = not self.list.count()
        self._fill(Notification(name="me" if first else "", channel=Desktop(), default=first))
        self._show_status("")
        self.name.setFocus()

    def _fill(self, found: Notification) -> None:
        self.name.setText(found.name)
        channel = found.channel
        self.kind.setCurrentIndex(list(CHANNELS).index(channel.kind))
        mail = channel if isinstance(channel, Email) else Email(to=("",), host="")
        self.to.setText(", ".join(mail.to))
        self.host.setText(f"{mail.host}:{mail.port}" if mail.host else "")
        self.security.setCurrentIndex(list(SECURITY).index(mail.security))
        self.user.setText(mail.user)
        self.password.setText(mail.secret)
        self.origin.setText(mail.sender)
        hook = channel if isinstance(channel, Webhook) else Webhook()
        self.url.setText(hook.url)
        self.token.setText(hook.secret)
        self.command.setText(channel.command if isinstance(channel, Command) else "")
        for key, box in self.when.items():
            box.setChecked(key in found.when)
        self.usual.setChecked(found.default)

    def _notification(self) -> Notification:
        """Return what the fields describe.

        Raises
        ------
        ScheduleError
            With the first thing that is wrong.
        """
        name = self.name.text().strip()
        check_name(name)
        when = tuple(key for key, box in self.when.items() if box.isChecked())
        if not when:
            raise ScheduleError(tr("Nothing is reported."), tr("Choose when to notify."))
        return Notification(
            name=name,
            channel=self._channel(),
            when=when,  # type: ignore[arg-type]
            default=self.usual.isChecked(),
        )

    def _channel(self) -> Channel:
        kind = str(self.kind.currentData())
        if kind == "desktop":
            return Desktop()
        if kind == "command":
            return Command(command=_wanted(self.command))
        if kind == "webhook":
            url, secret = self.url.text().strip(), self.token.text().strip()
            if not url and not secret:
                raise ScheduleError(
                    tr("“URL” is empty."), tr("Enter the URL, or the secret that has it.")
                )
            return Webhook(url=url, secret=secret)
        host, _, port = _wanted(self.host).partition(":")
        if port and not (port.isdigit() and 0 < int(port) < 65536):
            raise ScheduleError(
                tr("“{port}” isn't a port.").format(port=port),
                tr("Use a server such as smtp.x.org:587."),
            )
        return Email(
            to=_addresses(_wanted(self.to)),
            host=host,
            port=int(port or 587),
            security=self.security.currentData(),
            user=self.user.text().strip(),
            secret=self.password.text().strip(),
            sender=self.origin.text().strip(),
        )

    def _save(self) -> None:
        try:
            made = self._notification()
            self._notifications.put(made)
        except (ScheduleError, WorkspaceError, DamagedRecordError) as error:
            self._show_status(explained(error), "error")
            return
        self._read(made.name)
        self._show_status(tr("Saved “{name}”.").format(name=made.name))

    def _remove(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        try:
            self._notifications.remove(item.text())
        except (ScheduleError, WorkspaceError, DamagedRecordError) as error:
            self._show_status(explained(error), "error")
            return
        self._read()

    def _test(self) -> None:
        try:
            channel = self._channel()
        except ScheduleError as error:
            self._show_status(explained(error), "error")
            return
        news = News("test", "test.pipeline.json", "completed", reason=tr("This is a test."))
        self.test.setEnabled(False)
        self._show_status(tr("Sending…"))

        def ended(text: str, role: str = "muted") -> None:
            if not self._closed:
                self.test.setEnabled(True)
                self._show_status(text, role)

        self._background.run(
            lambda: channel.send(news),
            lambda _: ended(tr("The test message was sent.")),
            lambda error: ended(error_text(error), "error"),
        )

    def _show_status(self, text: str, role: str = "muted") -> None:
        self.status.setText(text)
        self.status.setProperty("role", role)
        self.status.style().unpolish(self.status)
        self.status.style().polish(self.status)


def _line(name: str, example: str = "") -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    return field


def _wanted(field: QLineEdit) -> str:
    text = field.text().strip()
    if not text:
        raise ScheduleError(
            tr("“{accessibleName}” is empty.").format(accessibleName=field.accessibleName()),
            tr("Enter it."),
        )
    return text


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())
    for each in found:
        if "@" not in each:
            raise ScheduleError(
                tr("“{each}” isn't an e-mail address.").format(each=each),
                tr("Use name@example.org."),
            )
    return found
