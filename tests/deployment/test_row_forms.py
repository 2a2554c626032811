"""Steps as functions of one row, held against the modules on tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.catalog import load_catalog
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import ColumnSelector, DataTable, ExampleStep, Role
from modules.data_transformation._join_rows import JOIN_ROWS
from modules.data_transformation.join_data import join_data
from modules.data_transformation.normalize_data import normalize_data
from modules.model_training.train_model import train_model
from modules.requests.tables import RequestSchema, rows_of, schema_of, table_of
from modules.scoring import Prepared, Scorer, prepare
from modules.scoring_evaluation.score_model import score_model
from modules.values.storage import save

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

KEYS = {
    "text": (st.sampled_from(["Oslo", "oslo", "Rome", "ROME", "ﬁn", "FIN"]), "str"),
    "whole": (st.integers(-3, 3) | st.just(2**53 + 1), "int64"),
    "number": (st.sampled_from([-1.0, 0.0, -0.0, 0.5, 1.0, 2.0, 2.0**53]), "float64"),
    "truth": (st.booleans(), "bool"),
    "day": (st.sampled_from([pd.Timestamp("2020-01-01"), pd.Timestamp("2024-02-29 12:30")]), None),
}
NUMERIC = ("number", "truth", "whole")


@st.composite
def joins(draw: st.DrawFn) -> tuple[DataTable, DataTable, dict[str, Any]]:
    """Return a left and a right table, and the parameters of their join."""
    kinds = draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=2))
    sides = []
    for side, most in (("left", 8), ("right", 5)):
        count = draw(st.integers(1, most))
        columns: dict[str, pd.Series] = {}
        for place, kind in enumerate(kinds):
            if kind in NUMERIC:
                kind = draw(st.sampled_from(NUMERIC))
            values, dtype = KEYS[kind]
            found = draw(st.lists(values, min_size=count, max_size=count))
            column = pd.Series(found, dtype=dtype)
            if kind in ("text", "number", "day") and draw(st.booleans()):
                column[draw(st.integers(0, count - 1))] = None
            columns[f"key{place}"] = column
        columns["same"] = pd.Series(draw(st.lists(st.integers(), min_size=count, max_size=count)))
        columns[side] = pd.Series(np.arange(count) / 4)
        sides.append(DataTable(pd.DataFrame(columns)))
    names = ColumnSelector.names(*(f"key{place}" for place in range(len(kinds))))
    arguments = {
        "left_keys": names,
        "right_keys": names,
        "match_case": draw(st.booleans()),
        "join_type": draw(st.sampled_from(["inner", "left outer", "full outer", "left semi"])),
        "keep_right_keys": draw(st.booleans()),
    }
    return sides[0], sides[1], arguments


@pytest.mark.long
@given(joins())
@settings(max_examples=150, deadline=None)
def test_a_join_with_a_fixed_table_gives_each_row_what_the_module_gives(
    case: tuple[DataTable, DataTable, dict[str, Any]],
) -> None:
    left, right, arguments = case
    form = join_form(left, right, arguments)
    if isinstance(form, str):
        return
    plain_form = json.loads(json.dumps(form, allow_nan=False))
    function = JOIN_ROWS.load(plain_form, Path("no such folder"))

    for place in range(len(left)):
        one = left.with_frame(left.frame.iloc[[place]].reset_index(drop=True))
        expected = rows_of(join_data(one, right, **arguments))
        row = {name: plain(one.frame[name].iloc[0]) for name in one.names}
        found = function(row)
        assert len(expected) == (found is not None)
        if found is not None:
            answer = {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in found.items()
            }
            assert list(answer) == list(expected[0])
            assert answer == expected[0]


def join_form(
    left: DataTable, right: DataTable, arguments: dict[str, Any]
) -> Mapping[str, Any] | str:
    """Return the row form of a join, or why it has none."""
    inputs = {"left_dataset": left, "right_dataset": right}

    def store(save: Any) -> str:
        raise AssertionError("a join is plain JSON")

    result = join_data(left, right, **arguments)
    return JOIN_ROWS.make(ExampleStep(arguments, inputs, result, store))


def plain(value: Any) -> Any:
    """Return a value of a frame as the rows of a request have it."""
    if value is None or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


LEFT = pd.DataFrame({"town": ["Oslo", "Rome", "Bern"], "age": [1, 2, 3]})
RIGHT = pd.DataFrame({"town": ["Rome", "Oslo"], "people": [28, 7]})


@pytest.mark.parametrize(
    ("right", "changes", "reason"),
    [
        (RIGHT, {}, ""),
        (RIGHT, {"join_type": "left outer"}, ""),
        (RIGHT, {"join_type": "full outer"}, "rows that aren't in the request"),
        (pd.concat([RIGHT, RIGHT]), {}, "a key repeats"),
        (pd.concat([RIGHT, RIGHT]), {"join_type": "left semi"}, ""),
        (RIGHT.assign(town=["ROME", "rome"]), {"match_case": True}, ""),
        (RIGHT.assign(town=["ROME", "rome"]), {"match_case": False}, "a key repeats"),
        (RIGHT.assign(people=[1.5, np.inf]), {}, "infinite"),
        (RIGHT.assign(town=pd.Series([None, None], dtype="str")), {}, "can't be looked up"),
        (RIGHT.assign(town=RIGHT["town"].astype("category")), {}, ""),
    ],
)
def test_a_join_has_a_form_where_a_row_becomes_at_most_one(
    right: pd.DataFrame, changes: dict[str, Any], reason: str
) -> None:
    key = ColumnSelector.names("town")
    arguments = {
        "left_keys": key,
        "right_keys": key,
        "match_case": True,
        "join_type": "inner",
        "keep_right_keys": True,
    } | changes
    tables = DataTable(LEFT), DataTable(right.reset_index(drop=True))

    form = join_form(*tables, arguments)

    assert isinstance(form, str) is bool(reason)
    assert not reason or reason in form


@given(
    st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=1, max_size=20),
    st.sampled_from(["ZScore", "MinMax", "Logistic", "LogNormal", "Tanh"]),
    st.booleans(),
)
@settings(deadline=None)
def test_a_normalised_row_equals_the_normalised_table(
    values: list[float | None], method: Any, zero: bool
) -> None:
    known = DataTable(pd.DataFrame({"x": pd.Series([0.5, 2.0, 7.25] * (zero + 1)), "y": 1.0}))
    _, scaling = normalize_data(known, method=method, zero_for_constant=zero)
    table = DataTable(pd.DataFrame({"x": pd.Series(values, dtype="float64"), "y": 4.0}))
    function = scaling.compile()
    assert function is not None

    for expected, x in zip(rows_of(scaling.apply(table)), values, strict=True):
        found = function({"x": x, "y": 4.0})
        if method in ("ZScore", "MinMax"):
            assert found == expected
        else:
            assert found == {
                name: None if value is None else pytest.approx(value, rel=1e-14, abs=1e-15)
                for name, value in expected.items()
            }


class TestPipelines:
    """Whole pipelines of such steps: request, steps, answer."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        save(DataTable(LEFT.assign(member=[True, False, True])), tmp_path / "rows")
        save(DataTable(RIGHT), tmp_path / "towns")
        return tmp_path

    def write(
        self, folder: Path, *steps: tuple[str, str, dict[str, str], dict[str, Any]]
    ) -> tuple[Scorer, Prepared]:
        """Write the scoring folder of steps; the last one's first output is the answer."""
        catalog = load_catalog()
        columns = schema_of(DataTable(LEFT.assign(member=[True, False, True]))).to_json()
        made = Pipeline()
        start: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
            ("saved_dataset", "rows", {}, {"path": "rows"}),
            ("saved_dataset", "towns", {}, {"path": "towns"}),
            ("web_service_input", "ask", {}, {"columns": columns}),
        ]
        last = steps[-1][1]
        answer = f"{last}.{catalog[steps[-1][0]].outputs[0].name}"
        end = ("web_service_output", "tell", {"dataset": answer}, {})
        for module, name, links, parameters in [*start, *steps, end]:
            made, _ = edits.add_node(made, module, node_id=name, parameters=parameters)
            for port, source in links.items():
                target = Endpoint(name, port)
                if source == "ask.dataset":
                    made = edits.connect(made, Endpoint("rows", "dataset"), target)
                made = edits.connect(made, Endpoint(*source.split(".")), target)
        write_scoring_folder(made, catalog, folder / "scoring", base=folder)
        prepared = prepare(folder / "scoring")
        return Scorer(folder / "scoring"), prepared

    def both(self, scorer: Scorer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the answer by rows, which equals the one by tables."""
        answer = scorer.score({"input1": rows})
        assert answer == Scorer(scorer.folder, compiled=False).score({"input1": rows})
        return answer["output1"]

    JOIN = ("join_data", "join", {"left_dataset": "ask.dataset", "right_dataset": "towns.dataset"})
    KEYS: dict[str, Any] = {"left_keys": ["town"], "right_keys": ["town"]}  # noqa: RUF012

    def test_a_row_without_a_match_leaves(self, folder: Path) -> None:
        scorer, prepared = self.write(folder, (*self.JOIN, self.KEYS))
        rows = [
            {"town": "Oslo", "age": 5, "member": True},
            {"town": "Bern", "age": 6, "member": False},
        ]

        assert prepared == Prepared(True, tables={"towns": (2, 2)})
        assert [row["people"] for row in self.both(scorer, rows)] == [7]
        assert self.both(scorer, rows[1:]) == []

    def test_where_branches_meet_again_rows_that_leave_need_tables(self, folder: Path) -> None:
        beside = {"left_dataset": "join.results_dataset", "right_dataset": "ask.dataset"}
        scorer, prepared = self.write(
            folder, (*self.JOIN, self.KEYS), ("add_columns", "beside", beside, {})
        )
        rows = [
            {"town": "Oslo", "age": 5, "member": True},
            {"town": "Rome", "age": 6, "member": False},
        ]

        assert prepared == Prepared(True, tables={"towns": (2, 2)})
        assert [row["town_1"] for row in self.both(scorer, rows)] == ["Oslo", "Rome"]
        gone = {"town": "Bern", "age": 6, "member": False}
        assert [row["town_2"] for row in self.both(scorer, [gone, *rows])] == [
            "Bern",
            "Oslo",
            "Rome",
        ]

    def test_equal_names_side_by_side_are_numbered(self, folder: Path) -> None:
        beside = {"left_dataset": "ask.dataset", "right_dataset": "ask.dataset"}
        scorer, prepared = self.write(folder, ("add_columns", "beside", beside, {}))

        assert prepared == Prepared(True)
        (row,) = self.both(scorer, [{"town": "Oslo", "age": 5, "member": True}])
        assert (row["age_1"], row["age_2"]) == (5, 5)

    def test_truth_becomes_whole_numbers(self, folder: Path) -> None:
        change = {"columns": ["member"], "data_type": "integer"}
        scorer, prepared = self.write(
            folder, ("edit_metadata", "edit", {"dataset": "ask.dataset"}, change)
        )

        assert prepared == Prepared(True)
        (row,) = self.both(scorer, [{"town": "Oslo", "age": 5, "member": True}])
        assert row["member"] == 1

    def test_a_table_beside_that_no_request_changes_is_left_to_tables(self, folder: Path) -> None:
        beside = {"left_dataset": "ask.dataset", "right_dataset": "towns.dataset"}
        scorer, prepared = self.write(folder, ("add_columns", "beside", beside, {}))

        assert not prepared.compiled
        assert scorer.score({"input1": [{"town": "Oslo", "age": 5, "member": True}]})

    def test_a_query_on_duckdb_scores_with_tables(self, folder: Path) -> None:
        pytest.importorskip("duckdb", reason="DuckDB isn't installed")
        text = "select town, age // 2 as half, member from t1 order by age"
        query = {"query": text, "engine": "DuckDB"}
        scorer, prepared = self.write(
            folder, ("apply_sql_transformation", "sql", {"t1": "ask.dataset"}, query)
        )

        rows = [
            {"town": "Oslo", "age": 9, "member": True},
            {"town": "Rome", "age": 4, "member": False},
        ]
        assert not prepared.compiled
        assert scorer.score({"input1": rows})["output1"] == [
            {"town": "Rome", "half": 2, "member": False},
            {"town": "Oslo", "half": 4, "member": True},
        ]

    def test_why_there_is_no_form_is_said(self, folder: Path) -> None:
        query = {"t1": "ask.dataset"}
        _, prepared = self.write(
            folder, ("apply_sql_transformation", "sql", query, {"query": "select * from t1"})
        )

        assert prepared.reasons == (
            "Apply SQL Transformation (“sql”) doesn't have a compiled form: a query may combine "
            "all rows of a request.",
        )


@pytest.mark.parametrize(
    ("categories", "sent", "taken"),
    [
        (["a", "b"], ["b", "c", None, "c"], ["b", "c", None, "c"]),
        ([1, 2], [2, 3, None, 2], [2, 3, None, 2]),
        # A column is of one type; what the model knows it knows as text too.
        ([1, 2], [2, "x", None, 2.5], ["2", "x", None, "2.5"]),
        ([True, False], [True, "x", None, False], ["True", "x", None, "False"]),
    ],
)
def test_an_unseen_category_is_another_value_and_not_a_missing_one(
    categories: list[Any], sent: list[Any], taken: list[Any]
) -> None:
    seen = DataTable(pd.DataFrame({"x": pd.Categorical(categories * 3, ordered=True)}))
    schema = RequestSchema(schema_of(seen).columns, "accept")

    table = table_of([{"x": value} for value in sent], schema, dict(seen.frame.dtypes))

    assert [row["x"] for row in rows_of(table)] == taken
    assert table.frame["x"].cat.ordered


def test_a_category_that_is_a_date_is_known_as_requests_write_it() -> None:
    days = pd.Categorical(pd.to_datetime(["2024-01-01", "2024-01-02"] * 20))
    seen = DataTable(pd.DataFrame({"day": days, "late": [0, 1] * 20}), {"late": Role.LABEL})
    model = train_model(two_class_logistic_regression(), seen)
    schema = schema_of(DataTable(seen.frame[["day"]]))
    sent = [{"day": value} for value in schema.columns[0].values or ()]

    table = table_of(sent, schema, {"day": seen.frame["day"].dtype})

    assert [row["day"] for row in sent] == ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]
    assert rows_of(table) == sent
    chances = score_model(model, table).frame["Scored Probabilities"]
    assert chances.tolist() == score_model(model, seen).frame["Scored Probabilities"][:2].tolist()
    assert chances[0] < 0.5 < chances[1]
