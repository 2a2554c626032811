"""What modules say of mistakes and oddities: in plain words, with what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from modules.contract import ColumnRule, ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.data_input_output.enter_data_manually import enter_data_manually
from modules.data_transformation.select_columns_in_dataset import select_columns_in_dataset
from modules.python_language.execute_python_script import execute_python_script

NINE = DataTable(pd.DataFrame([range(9)], columns=list("abcdefghi")))


def by_index(text: str, table: DataTable = NINE) -> DataTable:
    chosen = ColumnSelector((ColumnRule("indices", (text,)),))
    return select_columns_in_dataset(table, columns=chosen)


class TestRangesOfColumns:
    def test_a_range_that_runs_backwards_is_told_how_it_is_written(self, refused: Any) -> None:
        with refused("backward-range", "“4-1” is reversed", parameter="columns") as caught:
            by_index("9,4-1")
        assert caught.value.hint == "Enter 1-4."
        assert by_index("9,1-4").names == list("abcdi")

    @pytest.mark.parametrize("text", ["10", "0-3", "3-0", "12-10"])
    def test_what_is_outside_of_the_columns_is_told_the_limits(
        self, text: str, refused: Any
    ) -> None:
        words = f"“{text}” is out of range: the dataset has 9 columns"
        with refused("column-index-out-of-range", words) as caught:
            by_index(text)
        assert "from 1 to 9" in caught.value.hint

    def test_a_single_column_is_one_column(self, refused: Any) -> None:
        with refused("column-index-out-of-range", "the dataset has 1 column."):
            by_index("2", DataTable(pd.DataFrame({"a": [1]})))


class TestEqualNames:
    def test_the_names_and_what_they_became_are_told(self) -> None:
        with pytest.warns(ModuleWarning) as told:
            table = enter_data_manually(data="price,make,price,make\n1,a,2,b\n")
        assert table.names == ["price", "make", "price (2)", "make (2)"]
        assert [str(one.message) for one in told if one.category is ModuleWarning] == [
            "Duplicate column names were numbered: “price” is now “price (2)”, “make” is now "
            "“make (2)”."
        ]

    def test_of_many_the_first_are_named_and_the_others_counted(self) -> None:
        with pytest.warns(ModuleWarning, match=r"“a” is now “a \(4\)”, and 6 more\.$"):
            enter_data_manually(data=",".join("a" * 10) + "\n" + ",".join("1" * 10))


class TestResultsOfScripts:
    @pytest.mark.parametrize(
        ("returned", "words", "hint"),
        [
            ("5", "returned an integer (int), not a table.", "DataFrame"),
            ("a.shape[0] * 0.5", "returned a number (float), not a table.", "DataFrame"),
            ("len(a) > 3", "returned true or false (bool), not a table.", "DataFrame"),
            ("'done'", "returned text (str), not a table.", "DataFrame"),
            ("a['a']", "returned a single column (Series), not a table.", "to_frame()"),
            ("a['a'].sum()", "returned an integer (int64), not a table.", "DataFrame"),
            ("a.to_numpy()", "returned an array (ndarray), not a table.", "pd.DataFrame(array)"),
            ("a.to_dict()", "returned a dictionary (dict), not a table.", "pd.DataFrame(values"),
            ("[[1, 2]]", "returned a list (list), not a table.", "pd.DataFrame(rows"),
            ("open", "returned an object (builtin_function_or_method), not", "DataFrame"),
            ("a, 5", "returned an integer (int) as its second result, not", "DataFrame"),
        ],
    )
    def test_what_is_no_table_is_named(
        self, returned: str, words: str, hint: str, refused: Any
    ) -> None:
        script = f"def azureml_main(a, b):\n    return {returned}\n"
        with refused("not-a-dataframe", words, parameter="script") as caught:
            execute_python_script(NINE, script=script)
        assert hint in caught.value.hint
