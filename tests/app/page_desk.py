"""Pages and dialogs with something in them, for tests that look at their layout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import nan
from pathlib import Path

from PySide6.QtWidgets import QWidget
from run_desk import splitting
from window_desk import linked

from designer import paths
from designer.app.datasets.dropped_files import FolderContent
from designer.app.datasets.folder_question import FolderQuestion
from designer.app.datasets.versions_dialog import VersionsDialog
from designer.app.deployment.model_comparison import ModelComparison
from designer.app.dialogs.access_dialog import AccessDialog
from designer.app.dialogs.azure_target import AzureTargetDialog
from designer.app.dialogs.code_dialog import CodeDialog
from designer.app.dialogs.column_picker import ColumnPicker
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
from designer.app.schedules.retraining_dialog import RetrainingDialog
from designer.app.schedules.schedule_dialog import ScheduleDialog
from designer.app.scripts.script_dialog import ScriptDialog
from designer.app.scripts.script_run_window import ScriptRunWindow
from designer.dataset_record import DatasetVersion
from designer.engine.accesses import Access
from designer.lineage.lineage import Item, Lineage
from designer.pipeline import grouping
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter
from designer.pipeline.shared.choices import choices_of_group
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column

AZURE = ComputeTarget("azureml-v2")

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
    known = [Column("age", "integer"), Column("income", "number")]
    return ColumnPicker("Columns", rules, known, parent=window)


def rules(window: QWidget) -> QWidget:
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


def lineage(window: QWidget) -> QWidget:
    made = LineageDialog("served", window)
    made.show_lineage(LINEAGE.to_json(), LINEAGE.text())
    return made


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


def models(window: QWidget) -> QWidget:
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


def module(window: QWidget) -> QWidget:
    pipeline, group = grouping.group(linked(), ["split_data"], "Take a Part")
    found = choices_of_group(pipeline, group, window.catalog)
    return ModuleDialog("Take a Part", found, window.document.modules.library, window)


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


def access(window: QWidget) -> QWidget:
    pipeline = splitting()
    found = [
        Access(node, "read", ("https://example.org/a/long/path/to/people.csv",), "x")
        for node in pipeline.nodes
    ]
    return AccessDialog(pipeline, window.catalog, found, window)


def script_run(window: QWidget) -> QWidget:
    made = ScriptRunWindow("train.py", window)
    made.log.setPlainText("Epoch 1\nEpoch 2")
    return made


DIALOGS: dict[str, Callable[..., QWidget]] = {
    "about": About,
    "help": lambda w: ModuleHelp(w.catalog["train_model"], None, w),
    "shortcuts": lambda w: Shortcuts(w.commands, w),
    "commands": lambda w: CommandPalette(w.commands, w),
    "guide": guide("guide.md"),
    "problem": guide("problems/input-not-connected.md"),
    "id": lambda w: NewId(w.document.pipeline, "split_data", w),
    "parameters": lambda w: PipelineParameters(parameters(), w),
    "values": lambda w: RunValues(parameters(), {}, w),
    "columns": columns,
    "rules": rules,
    "runs": runs,
    "azure": lambda w: AzureTargetDialog(AZURE, w.samples, "x", w, datasets=["people"]),
    "publish": lambda w: PublishDialog(AZURE, "x", w),
    "new module": lambda w: NewModule(w.catalog, w),
    "libraries": lambda w: InstallDialog("Train DenseNet", ("torch", "torchvision"), w),
    "script": lambda w: ScriptDialog(w.workspace, None, w.samples, w),
    "script run": script_run,
    "dataset": lambda w: RegisterDataset(w.workspace, None, w.samples, parent=w),
    "messages": lambda w: MessageHistory([PastMessage("Saved.", datetime.now(), False)], w),
    "lineage": lineage,
    "versions": versions,
    "models": models,
    "module": module,
    "schedule": schedule,
    "retraining": retraining,
    "access": access,
    "code": lambda w: CodeDialog("Script", "python", "print(1)\n", parent=w),
    "folder": lambda w: FolderQuestion(
        FolderContent(
            Path("data"), (Path("a.csv"),), 3, 5, ".csv", ("one_table", "images", "files")
        ),
        w,
    ),
}
"""Functions that return a dialog of a window, with something in it."""
