"""Every widget of the application is walked through by some test, the dialogs by one for all."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from dialog_desk import dialog_classes, widget_classes
from PySide6.QtWidgets import QWidget
from walk_desk import NOT_REACHED, WALKS

import designer.app

TESTS = Path(__file__).parents[1]


def test_every_class_of_widgets_is_walked_through_by_a_test():
    dialogs = dialog_classes()
    classes = {each.__name__ for each in widget_classes(QWidget)} - dialogs
    walked = Counter(" ".join(" ".join(each.values()) for each in WALKS.values()).split())
    assert classes - walked.keys() - NOT_REACHED.keys() == set()
    assert (walked.keys() | NOT_REACHED.keys()) - classes == set()
    assert {name for name, count in walked.items() if count > 1} == set()


def test_each_walk_is_a_test():
    for file, tests in WALKS.items():
        text = (TESTS / file).read_text(encoding="utf-8")
        for name in tests:
            assert f"def {name.partition('[')[0]}(" in text, name


def test_every_dialog_has_a_class_of_its_own():
    plain = [
        path.name
        for path in Path(designer.app.__path__[0]).rglob("*.py")
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.Call) and getattr(each.func, "id", "") in ("QDialog", "QWizard")
    ]
    assert plain == []
