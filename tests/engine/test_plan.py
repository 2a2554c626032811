"""What a plan says of the steps, without workers."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from designer.engine.plan import make_plan
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace


def test_the_engine_needs_no_heavy_library_and_no_qt(tmp_path):
    code = """
        import sys
        from designer.catalog import load_catalog
        from designer.engine import Engine
        from designer.pipeline.model import Node, Pipeline
        from designer.workspace import Workspace, WorkspaceError
        from pathlib import Path
        heavy = {"pandas", "numpy", "pyarrow", "scipy", "sklearn", "skops", "PySide6", "mlflow"}
        if __name__ == "__main__":
            with Engine(Workspace(Path(sys.argv[1])), load_catalog(), workers=1) as engine:
                pipeline = Pipeline(nodes={"l": Node("l", "linear_regression")})
                assert engine.run(pipeline, base=Path.cwd()).status == "completed"
                assert engine.run(pipeline, base=Path.cwd()).nodes["l"].status == "reused"
                engine.sample(pipeline, base=Path.cwd())
            print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
    """
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "w")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]"


def plan_of(pipeline: Pipeline, catalog, tmp_path: Path, **options):
    return make_plan(
        pipeline, catalog, base=tmp_path, workspace=Workspace(tmp_path / "w"), **options
    )


def test_ten_thousand_steps_in_diamonds_come_after_what_they_need(catalog, tmp_path):
    def diamonds(count: int) -> Pipeline:
        nodes = {"n0": Node("n0", "numbers")}
        links = []
        for number in range(1, count // 3 + 1):
            above = f"n{number - 1}", "numbers" if number == 1 else "sums"
            for name in (f"a{number}", f"b{number}"):
                nodes[name] = Node(name, "add", parameters={"amount": number})
                links.append(Link(Endpoint(*above), Endpoint(name, "first")))
            nodes[f"n{number}"] = Node(f"n{number}", "add")
            for name, port in ((f"a{number}", "first"), (f"b{number}", "second")):
                links.append(Link(Endpoint(name, "sums"), Endpoint(f"n{number}", port)))
        return Pipeline(nodes=nodes, links=tuple(links))

    large = diamonds(10_000)
    plan = plan_of(large, catalog, tmp_path)
    assert plan.steps.keys() == large.nodes.keys()
    place = {node: number for number, node in enumerate(plan.steps)}
    assert all(place[link.source.node] < place[link.target.node] for link in large.links)


def test_threads_depend_on_how_many_steps_can_run_at_once(catalog, tmp_path, build):
    chain = build({"n": "numbers", "a": "add"}, "n.numbers > a.first")
    assert {s.threads for s in plan_of(chain, catalog, tmp_path, cores=8).steps.values()} == {8}
    wide = build(
        {"n": "numbers", **{f"a{number}": "add" for number in range(4)}},
        *(f"n.numbers > a{number}.first" for number in range(4)),
    )
    threads = {n: s.threads for n, s in plan_of(wide, catalog, tmp_path, cores=8).steps.items()}
    assert threads == {"n": 8, "a0": 2, "a1": 2, "a2": 2, "a3": 2}
    few = plan_of(wide, catalog, tmp_path, cores=8, workers=2)
    assert few.steps["a0"].threads == 4
    many = plan_of(wide, catalog, tmp_path, cores=2)
    assert many.steps["a0"].threads == 1


def test_paths_become_absolute_for_the_module_only(catalog, tmp_path, build):
    (tmp_path / "lines.txt").write_text("x")
    step = plan_of(build({"r": ("read_lines", {"path": "lines.txt"})}), catalog, tmp_path).steps[
        "r"
    ]
    assert step.arguments["path"] == str(tmp_path / "lines.txt")
    assert step.parameters["path"] == "lines.txt"
    assert step.files == (tmp_path / "lines.txt",)


def test_a_file_counts_by_name_and_content_wherever_it_is(catalog, tmp_path, build):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "lines.txt").write_text("x")
    (tmp_path / "one" / "other.txt").write_text("x")
    paths = ["one/lines.txt", "two/lines.txt", str(tmp_path / "one/lines.txt"), "one/other.txt"]
    steps = [
        plan_of(build({"r": ("read_lines", {"path": path})}), catalog, tmp_path).steps["r"]
        for path in paths
    ]
    assert [step.parameters["path"] for step in steps] == ["lines.txt"] * 3 + ["other.txt"]


def test_a_registered_dataset_is_found_by_its_name(catalog, tmp_path, build):
    (tmp_path / "mine.txt").write_text("x")
    workspace = Workspace(tmp_path / "w")
    workspace.register_dataset("My lines", tmp_path / "mine.txt")
    copy = workspace.dataset("My lines")
    pipeline = build(
        {
            "r": ("read_lines", {"path": "dataset:My lines"}),
            "q": ("read_lines", {"path": "dataset:Yours"}),
        }
    )
    steps = make_plan(pipeline, catalog, base=tmp_path, workspace=workspace).steps
    assert steps["r"].files == (copy,)
    assert steps["q"].problem["code"] == "dataset-unknown"
    assert "Yours" in steps["q"].problem["message"]
