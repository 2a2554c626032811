"""Every dialog of the application, made with something in it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from datetime import datetime
from math import nan

from PySide6.QtWidgets import QDialog, QWidget
from run_desk import splitting
from window_desk import linked

import designer.app
from designer import paths
from designer.app.background.background import Background
from designer.app.datasets.dropped_files import content_of
from designer.app.datasets.folder_question import FolderQuestion
from designer.app.datasets.versions_dialog import VersionsDialog
from designer.app.deployment.model_comparison import ModelComparison
from designer.app.dialogs.access_dialog import AccessDialog
from designer.app.dialogs.azure_target import AzureTargetDialog
from designer.app.dialogs.code_dialog import CodeDialog
from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.column_types import ColumnTypes
from designer.app.dialogs.command_palette import CommandPalette
from designer.app.dialogs.guide import Guide
from designer.app.dialogs.information import About, ModuleHelp, Shortcuts
from designer.app.dialogs.message_history import MessageHistory, PastMessage
from designer.app.dialogs.new_id import NewId
from designer.app.dialogs.pipeline_parameters import PipelineParameters
from designer.app.dialogs.register_dataset import RegisterDataset
from designer.app.dialogs.run_comparison import RunComparison
from designer.app.dialogs.run_values import RunValues
from designer.app.library.install_dialog import InstallDialog
from designer.app.library.module_dialog import ModuleDialog
from designer.app.library.new_module import NewModule
from designer.app.lineage.lineage_dialog import LineageDialog
from designer.app.runs.compute_target import ComputeTarget
from designer.app.runs.publish_dialog import PublishDialog
from designer.app.runs.run_comparison import Difference
from designer.app.schedules import retraining_fields, schedule_dialog
from designer.app.schedules.notifications_dialog import NotificationsDialog
from designer.app.schedules.retraining_dialog import RetrainingDialog
from designer.app.schedules.schedule_dialog import ScheduleDialog
from designer.app.scripts.script_dialog import ScriptDialog
from designer.app.scripts.script_run_window import ScriptRunWindow
from designer.app.views.charts.values_dialog import ValuesDialog
from designer.app.views.table.filter_dialog import FilterDialog
from designer.dataset_record import DatasetVersion
from designer.engine.accesses import Access
from designer.lineage.lineage import Item, Lineage
from designer.pipeline import grouping
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter
from designer.pipeline.shared.choices import choices_of_group
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column
from modules.contract.sheet import Sheet

AZURE = ComputeTarget("azureml-v2")

COLUMNS = [Column("age", "integer"), Column("income", "number")]

LINEAGE = Lineage(
    (
        Item("endpoint:a", "endpoint", "served", (("Version", "2"),)),
        Item("model:a", "model", "a model with a very long name " * 4, (("Version", "3"),)),
        Item("run:a", "run", "people 20260101", (("Status", "completed"),)),
        Item("data:a", "data", "people@1", (("Hash", "abc"),)),
    ),
    (("endpoint:a", "model:a"), ("model:a", "run:a"), ("run:a", "data:a")),
    ("The model isn't there.",),
)


def parameters() -> Pipeline:
    pipeline = splitting()
    for name, kind, value in (("rows", "integer", 10), ("share", "number", 0.25)):
        pipeline = add_parameter(pipeline, PipelineParameter(name, kind, value))
    return pipeline


def columns(window: QWidget) -> QWidget:
    rules = ColumnSelector((ColumnRule("all"), ColumnRule("names", ("age",), True)))
    return ColumnPicker("Columns", rules, COLUMNS, parent=window)


def column_rules(window: QWidget) -> QWidget:
    made = columns(window)
    made.tabs.setCurrentIndex(1)
    made.rules.add.click()
    return made


def runs(window: QWidget) -> QWidget:
    names = {"r1": "Monday", "r2": "Tuesday"}
    accuracy = Difference("Metrics", "accuracy", ("0.5", "0.9"), (0.5, 0.9), frozenset({1}))
    solver = Difference("Parameters", "solver", ("sag", "–"), (nan, nan))
    return RunComparison(names, [accuracy, solver], window)


def guide(page: str) -> Callable[..., QWidget]:
    def make(window: QWidget) -> QWidget:
        made = Guide(paths.guide(), window)
        made.show_page(page)
        return made

    return make


def column_types(window: QWidget) -> QWidget:
    types = {"age": "integer", "town": "string"}
    return ColumnTypes("Column types", "dataset", {"column_types": types}, "column_types", None)


def turned_group(window: QWidget) -> QWidget:
    pipeline, group = grouping.group(linked(), ["split_data"], "Take a Part")
    choices = choices_of_group(pipeline, group, window.catalog)
    return ModuleDialog("Take a Part", choices, None, window)


def folder(window: QWidget) -> QWidget:
    (window.samples / "cars.csv").write_text("a\n1\n", encoding="utf-8")
    return FolderQuestion(content_of(window.samples, window.catalog), window)


def versions(window: QWidget) -> QWidget:
    made = VersionsDialog("Iris flowers", window)
    made.show_versions(
        [
            DatasetVersion(
                version=number,
                file="iris.csv",
                hash=f"{number}" * 64,
                bytes=12_345_678,
                description="Petals in centimeters, as Fisher published them.",
                registered=1_700_000_000.0 + number,
                rows=150,
                columns=[["petal", "number"]] * number,
            )
            for number in (2, 1)
        ]
    )
    return made


def model_versions(window: QWidget) -> QWidget:
    made = ModelComparison("cars", window)
    made.show_versions(
        [
            {
                "version": str(number),
                "data": {"dataset.path": f"cars@{number}"},
                "hashes": {"dataset.path": "ab" * 32},
                "metrics": {"evaluate_model.Coefficient of determination": 0.9 + number / 100},
            }
            for number in (1, 2)
        ]
    )
    return made


def lineage(window: QWidget) -> QWidget:
    made = LineageDialog("served", window)
    made.show_lineage(LINEAGE.to_json(), LINEAGE.text())
    return made


def script_run(window: QWidget) -> QWidget:
    made = ScriptRunWindow("train.py", window)
    made.results.show()
    made.log.setPlainText("Epoch 1\nEpoch 2")
    return made


def schedule(window: QWidget) -> QWidget:
    around = schedule_dialog.Surroundings([], ["people"], [], "Europe/Berlin", ComputeTarget())
    file = window.samples / "prices.pipeline.json"
    return ScheduleDialog(file, parameters(), around, window)


def retraining(window: QWidget) -> QWidget:
    endpoint = retraining_fields.RetrainedEndpoint("loans", "loans.pipeline.json")
    around = retraining_fields.Surroundings(
        [endpoint], {"loans": ["age", "region"]}, "Europe/Berlin"
    )
    return RetrainingDialog(around, "loans", window)


def notifications(window: QWidget) -> QWidget:
    return NotificationsDialog(window.workspace, Background(window), window)


def access(window: QWidget) -> QWidget:
    pipeline = splitting()
    found = [
        Access(node, "read", ("https://example.org/a/long/path/to/people.csv",), "x")
        for node in pipeline.nodes
    ]
    found.append(Access("split_data", "code", (), "a = 1"))
    return AccessDialog(pipeline, window.catalog, found, window)


DIALOGS: dict[str, Callable[..., QWidget]] = {
    "about": About,
    "access": access,
    "azure": lambda w: AzureTargetDialog(AZURE, w.samples, "x", w, datasets=["people"]),
    "code": lambda w: CodeDialog("Script", "python", "print(1)\n", parent=w),
    "columns": columns,
    "column rules": column_rules,
    "column types": column_types,
    "commands": lambda w: CommandPalette(w.commands, w),
    "dataset": lambda w: RegisterDataset(w.workspace, None, w.samples, parent=w),
    "dataset versions": versions,
    "filter numbers": lambda w: FilterDialog(COLUMNS[1], w.samples, None, parent=w),
    "filter texts": lambda w: FilterDialog(Column("town", "string"), w.samples, None, parent=w),
    "folder": folder,
    "guide": guide("guide.md"),
    "help": lambda w: ModuleHelp(w.catalog["train_model"], None, w),
    "id": lambda w: NewId(w.document.pipeline, "split_data", w),
    "libraries": lambda w: InstallDialog("Train DenseNet", ("torch", "torchvision"), w),
    "lineage": lineage,
    "messages": lambda w: MessageHistory([PastMessage("Saved.", datetime.now(), False)], w),
    "model versions": model_versions,
    "module": lambda w: NewModule(w.catalog, w),
    "notifications": notifications,
    "parameters": lambda w: PipelineParameters(parameters(), w),
    "problem": guide("problems/input-not-connected.md"),
    "publish": lambda w: PublishDialog(AZURE, "x", w),
    "retraining": retraining,
    "runs": runs,
    "schedule": schedule,
    "script": lambda w: ScriptDialog(w.workspace, None, w.samples, w),
    "script run": script_run,
    "shared module": turned_group,
    "shortcuts": lambda w: Shortcuts(w.commands, w),
    "values": lambda w: RunValues(parameters(), {}, w),
    "values of a chart": lambda w: ValuesDialog("Residuals", Sheet(("a",), ((1,),)), w),
}
"""By a short name, from the window that they belong to."""


def dialog_classes() -> set[str]:
    """Return the names of all classes of dialogs that the application has."""
    for each in pkgutil.walk_packages(designer.app.__path__, "designer.app."):
        importlib.import_module(each.name)
    return {each.__name__ for each in widget_classes(QDialog)}


def widget_classes(base: type[QWidget]) -> set[type[QWidget]]:
    """Return the classes of the application that are of a kind, however indirectly."""
    found = {inner for each in base.__subclasses__() for inner in widget_classes(each)}
    return found | ({base} if base.__module__.startswith("designer.") else set())
