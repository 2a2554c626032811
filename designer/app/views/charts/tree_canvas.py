"""A tree of a model, drawn from its root down, with the path of a row."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.chart_values import describe
from designer.app.views.charts.values_dialog import offer_values
from designer.app.widgets.direction import chart_painter
from designer.app.widgets.text_scale import scaled
from designer.texts import tr
from modules.contract.sheet import Sheet
from modules.values.drawn_tree import DrawnTree, TreeNode

_WIDE, _TALL = 196, 58
_APART, _BELOW = 14, 44
_MARGIN = 16

SUMMED = tr("The values of all trees are added up.")
"""What is to be known of the trees of a boosted model."""


class TreeCanvas(QWidget):
    """Paints the nodes down to a depth, those on the path, and those that were opened.

    A click on a node opens or closes what is below it. The arrow keys move between nodes,
    Enter and Space open or close the one that is marked, T shows all nodes as a table.

    Attributes
    ----------
    marked : Signal of QRectF
        Where the node is that was marked by a key.
    """

    marked = Signal(QRectF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Tree"))
        offer_values(self, self.values)
        self._tree: DrawnTree | None = None
        self._depth = 3
        self._toggled: set[int] = set()
        self._at = 0
        self._depths: list[int] = []
        self._boxes: dict[int, QRectF] = {}
        theme.notifier().changed.connect(self.update)

    @property
    def boxes(self) -> dict[int, QRectF]:
        """Where the nodes are that are shown, by their positions in the tree."""
        return dict(self._boxes)

    @property
    def deepest(self) -> int:
        """The largest number of tests on the way to a leaf."""
        return max(self._depths, default=0)

    def show_tree(self, tree: DrawnTree) -> None:
        """Show another tree."""
        if self._tree is None or self._tree.number != tree.number:
            self._toggled.clear()
            self._at = 0
        self._tree = tree
        self._depths = _depths(tree.nodes)
        self._arrange()

    @Slot(int)
    def set_depth(self, depth: int) -> None:
        """Show the nodes down to a depth."""
        self._depth = depth
        self._toggled.clear()
        self._arrange()

    def described(self, at: int) -> str:
        """Return a node as a text."""
        assert self._tree is not None
        node = self._tree.nodes[at]
        rows = tr("{grouped} rows").format(grouped=formatting.grouped(node.rows))
        return f"{node.test or tr('Leaf')}\n{node.value}, {rows}"

    def values(self) -> Sheet:
        """Return a row for each node of the tree, shown or not."""
        heads = (
            tr("Node"),
            tr("Below"),
            tr("Test"),
            tr("Prediction"),
            tr("Rows"),
            tr("On the path"),
        )
        if self._tree is None:
            return Sheet(heads, ())
        above = {
            child: f"{at + 1}, {tr('yes') if (child == node.left) == node.yes_left else tr('no')}"
            for at, node in enumerate(self._tree.nodes)
            for child in (node.left, node.right)
            if child >= 0
        }
        rows = (
            (at + 1, above.get(at), node.test or tr("Leaf"), node.value, node.rows, path)
            for at, node in enumerate(self._tree.nodes)
            for path in [tr("yes") if at in self._tree.path else tr("no")]
        )
        return Sheet(heads, tuple(rows), SUMMED if self._tree.summed else "")

    def sizeHint(self) -> QSize:
        """Return the size of the whole drawing."""
        right = max((box.right() for box in self._boxes.values()), default=_WIDE)
        bottom = max((box.bottom() for box in self._boxes.values()), default=_TALL)
        return QSize(round(right) + _MARGIN, round(bottom) + _MARGIN + _BELOW // 2)

    def paintEvent(self, event: object) -> None:
        """Paint the tree."""
        if self._tree is None:
            return
        painter = chart_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = set(self._tree.path)
        for at, box in self._boxes.items():
            node = self._tree.nodes[at]
            for child in (node.left, node.right):
                if child in self._boxes:
                    self._paint_link(painter, node, box, child, at in path and child in path)
        for at, box in self._boxes.items():
            self._paint_node(painter, at, box, at in path)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open or close a node."""
        at = self._node_at(event.position())
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._at = at
            self._toggle(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the whole text of the node that is pointed at."""
        at = self._node_at(event.position())
        text = "" if at is None else formatting.tooltip(self.described(at))
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the tooltip."""
        QToolTip.hideText()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark a node."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mark none."""
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between nodes, and open or close them."""
        if self._tree is None:
            return
        node, key = self._tree.nodes[self._at], event.key()
        row = sorted(
            (at for at in self._boxes if self._depths[at] == self._depths[self._at]),
            key=lambda at: self._boxes[at].x(),
        )
        place = row.index(self._at)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._toggle(self._at)
        elif key == Qt.Key.Key_Down and node.left in self._boxes:
            self._mark(next((at for at in self._tree.path if at == node.right), node.left))
        elif key == Qt.Key.Key_Up and self._at:
            self._mark(next(at for at in self._boxes if self._at in _children(self._tree, at)))
        elif key == Qt.Key.Key_Right:
            self._mark(row[min(place + 1, len(row) - 1)])
        elif key == Qt.Key.Key_Left:
            self._mark(row[max(place - 1, 0)])
        else:
            super().keyPressEvent(event)

    def _mark(self, at: int) -> None:
        self._at = at
        describe(self, self.described(at))
        self.marked.emit(self._boxes[at])
        self.update()

    def _node_at(self, point: QPointF) -> int | None:
        return next((at for at, box in self._boxes.items() if box.contains(point)), None)

    def _toggle(self, at: int) -> None:
        self._toggled ^= {at}
        self._arrange()

    def _is_open(self, at: int) -> bool:
        """Return whether the children of a node are shown."""
        assert self._tree is not None
        if not self._tree.nodes[at].test:
            return False
        is_open = self._depths[at] < self._depth or at in self._tree.path
        return is_open != (at in self._toggled)

    def _arrange(self) -> None:
        """Put leaves side by side, and each other node above the middle of its children."""
        self._boxes = {}
        if self._tree is None:
            return
        right = float(_MARGIN)
        # Each node twice: before and after its children. Trees may be deeper than Python's stack.
        waiting = [(0, False)]
        while waiting:
            at, placed = waiting.pop()
            top = _MARGIN + self._depths[at] * (_TALL + _BELOW)
            children = _children(self._tree, at)
            if self._is_open(at) and not placed:
                waiting += [(at, True), (children[1], False), (children[0], False)]
                continue
            if placed:
                left = (self._boxes[children[0]].x() + self._boxes[children[1]].x()) / 2
            else:
                left = right
                right += _WIDE + _APART
            self._boxes[at] = QRectF(left, top, _WIDE, _TALL)
        if self._at not in self._boxes:
            self._at = 0
        path = tr(" then ").join(
            self._tree.nodes[at].test or self._tree.nodes[at].value for at in self._tree.path
        )
        describe(self, tr("Path: {path}").format(path=path) if path else "")
        self.resize(self.sizeHint())
        self.updateGeometry()
        self.update()

    def _paint_link(
        self, painter: QPainter, node: TreeNode, box: QRectF, child: int, on_path: bool
    ) -> None:
        colors = theme.current()
        color = QColor(colors.accent if on_path else colors.outline)
        painter.setPen(QPen(color, 3.0 if on_path else 1.2))
        start, end = QPointF(box.center().x(), box.bottom()), self._boxes[child]
        target = QPointF(end.center().x(), end.top())
        painter.drawLine(start, target)
        is_yes = (child == node.left) == node.yes_left
        middle = (start + target) / 2
        away = -1 if child == node.left else 1
        # Above the line, which goes down on this side of its middle.
        height = painter.fontMetrics().height()
        width = scaled(40)
        left = middle.x() + (4 if away > 0 else -4 - width)
        room = QRectF(left, middle.y() - height - 1, width, height)
        align = Qt.AlignmentFlag.AlignLeft if away > 0 else Qt.AlignmentFlag.AlignRight
        painter.setPen(QColor(colors.text if on_path else colors.text_muted))
        painter.drawText(
            room,
            align | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute,
            tr("yes") if is_yes else tr("no"),
        )

    def _paint_node(self, painter: QPainter, at: int, box: QRectF, on_path: bool) -> None:
        assert self._tree is not None
        colors, node = theme.current(), self._tree.nodes[at]
        edge = QColor(colors.accent if on_path else colors.outline)
        painter.setPen(QPen(edge, 2.5 if on_path else 1.0))
        painter.setBrush(QColor(colors.raised if node.test else colors.surface))
        painter.drawRoundedRect(box, 6 if node.test else 22, 6 if node.test else 22)
        metrics = painter.fontMetrics()
        lines = [node.test] if node.test else []
        lines += [node.value, tr("{grouped} rows").format(grouped=formatting.grouped(node.rows))]
        if len(lines) == 3:
            lines[1:] = [f"{node.value} · {lines[2]}"]
        height = metrics.height()
        top = box.center().y() - height * len(lines) / 2
        for number, line in enumerate(lines):
            room = QRectF(box.x() + 8, top + number * height, box.width() - 16, height)
            text = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.setPen(QColor(colors.text if number == 0 else colors.text_muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        if node.test and not self._is_open(at):
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(
                QRectF(box.x(), box.bottom(), box.width(), height),
                Qt.AlignmentFlag.AlignCenter,
                "⋯",
            )
        if self.hasFocus() and at == self._at:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colors.text), 1.0, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), 8, 8)


def _children(tree: DrawnTree, at: int) -> tuple[int, int]:
    return tree.nodes[at].left, tree.nodes[at].right


def _depths(nodes: tuple[TreeNode, ...]) -> list[int]:
    depths = [0] * len(nodes)
    waiting = [0] if nodes else []
    while waiting:
        at = waiting.pop()
        for child in (nodes[at].left, nodes[at].right):
            if child >= 0:
                depths[child] = depths[at] + 1
                waiting.append(child)
    return depths
