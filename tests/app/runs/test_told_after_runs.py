"""What a run has found is told as soon as it is over, and what it has settled no longer."""

from __future__ import annotations

import pytest
from run_desk import LONG, run, scripting, show

from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

SAMPLED = """
from modules.contract.context import sample_rows
def azureml_main(a=None, b=None):
    if sample_rows() is not None:
        raise ValueError('too little to begin with')
    return a,
"""


def tab(window) -> str:
    """Return what the tab of problems says."""
    tabs = window.workbench.sides["below"]
    texts = [tabs.tabText(index) for index in range(tabs.count())]
    return next(text for text in texts if text.startswith("Problems"))


def learned(window, qtbot, node: str) -> None:
    """Wait until the window knows the columns that a node gives, and has looked once more."""
    qtbot.waitUntil(lambda: Endpoint(node, "dataset") in window.checker.columns, timeout=LONG)
    with qtbot.waitSignal(window.checker.checked, timeout=LONG):
        window.checker.check_now()


def ragged(folder) -> Pipeline:
    """Return a pipeline of a file that is read with three warnings, and another step."""
    rows = ["stra\u00dfe;preis;ort", "Gr\u00fcne Gasse;1,5;K\u00f6ln", "Hof;2,5;Ulm;zu viel"]
    rows += [f"Weg {i};{i},25;M\u00fcnchen" for i in range(40)]
    (folder / "orte.csv").write_bytes("\n".join(rows).encode("cp1252"))
    values = {"path": str(folder / "orte.csv"), "ragged_rows": "skip"}
    return edits.add_node(Pipeline(), "dataset", position=(0, 0), parameters=values)[0]


def test_warnings_of_a_run_are_told_as_soon_as_it_is_over(window, qtbot, tmp_path):
    show(window, ragged(tmp_path))
    learned(window, qtbot, "dataset")
    assert run(window, qtbot) == "completed"
    warned = window.controller.results["dataset"].warnings
    assert len(warned) > 1
    assert tab(window) == f"Problems ({len(warned)} warnings)"
    assert window.canvas.graph.nodes["dataset"].severity == "warning"
    assert [problem.message for problem in window.problems.problems()] == list(warned)


def test_what_a_sample_made_one_fear_is_gone_when_the_run_has_a_result(window, qtbot):
    pipeline = scripting(SAMPLED)
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 300))
    source = Endpoint("execute_python_script", "result_dataset")
    pipeline = edits.connect(pipeline, source, Endpoint(split, "dataset"))
    show(window, pipeline)

    def feared() -> bool:
        return any("too little" in problem.message for problem in window.problems.problems())

    qtbot.waitUntil(feared, timeout=LONG)
    assert run(window, qtbot) == "completed"
    assert not feared()
    # Nor does the next look bring it back; a change does.
    with qtbot.waitSignal(window.checker.checked, timeout=LONG):
        window.checker.check_now()
    assert not feared()
    changed = SAMPLED + "\n"
    window.document.apply(
        "Set", lambda p: edits.set_parameter(p, "execute_python_script", "script", changed)
    )
    qtbot.waitUntil(feared, timeout=LONG)


def test_a_failure_that_names_a_parameter_stands_at_its_field(window, qtbot, tmp_path):
    rows = ["a,b", *(f"{i},{i}" for i in range(900)), "1,2,3"]
    (tmp_path / "late.csv").write_text("\n".join(rows))
    values = {"path": str(tmp_path / "late.csv")}
    show(window, edits.add_node(Pipeline(), "dataset", parameters=values)[0])
    learned(window, qtbot, "dataset")
    window.canvas.select(["dataset"])
    field = window.properties.fields["ragged_rows"]
    assert field.message.isHidden()
    assert run(window, qtbot) == "failed"
    assert not field.message.isHidden()
    assert "902" in field.message.text()
    assert field.message.property("role") == "error"
    window.document.apply("Set", lambda p: edits.set_parameter(p, "dataset", "ragged_rows", "skip"))
    qtbot.waitUntil(field.message.isHidden, timeout=LONG)


def test_a_run_takes_the_same_time_wherever_it_is_told(window, qtbot, tmp_path):
    show(window, scripting("def azureml_main(a=None, b=None):\n    return a,\n"))
    assert window.files._save(tmp_path / "timed.pipeline.json")
    assert run(window, qtbot) == "completed"
    recorded = window.workspace.run_record(window.controller.run_id)["seconds"]
    assert window.controller.seconds == pytest.approx(recorded, abs=1e-6)


def test_the_name_of_a_module_keeps_its_capitals(window):
    from designer.app.document.labels import node_sentence

    pipeline, node = edits.add_node(Pipeline(), "train_model")

    def said(text: str) -> str:
        return node_sentence(pipeline, window.catalog, node, text)

    learner = "K-Means Clustering doesn't predict a label."
    assert said(learner) == f"Train Model: {learner}"
    assert said("No label is chosen.") == "Train Model: no label is chosen."
    assert said("Train Model: No label is chosen.") == "Train Model: no label is chosen."
