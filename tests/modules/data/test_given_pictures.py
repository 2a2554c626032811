"""Execute Python Script: the pictures that a script gives, and those of one that fails."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning, using_failure_folder
from modules.python_language.execute_python_script import execute_python_script

matplotlib = pytest.importorskip("matplotlib")
image = pytest.importorskip("PIL.Image")

TABLE = DataTable(pd.DataFrame({"a": [3, 1, 2]}))


def given(script: str) -> dict[str, tuple[str, tuple[int, int]]]:
    """Run a script and return format and size of each picture by name."""
    body = script + "\ndef azureml_main(dataframe1, dataframe2):\n    return dataframe1\n"
    pictures = execute_python_script(TABLE, script=body)[2]
    found = {}
    for path in sorted(pictures.folder.iterdir()) if pictures else ():
        with image.open(path) as opened:
            opened.load()
            found[path.name] = (opened.format, opened.size)
    return found


def test_pictures_of_other_libraries_are_kept(tmp_path: Path) -> None:
    for name, kind in (("a.jpg", "JPEG"), ("b.webp", "WEBP"), ("c.png", "PNG")):
        image.new("RGB", (5, 4)).save(tmp_path / name, kind)
    found = given(
        f"""
import io
from PIL import Image
from matplotlib.figure import Figure
file = io.BytesIO()
Image.new("L", (2, 3)).save(file, "TIFF")

class Plot:
    def _repr_png_(self):
        return open({str(tmp_path / "c.png")!r}, "rb").read(), {{"width": 5}}

pictures = [
    Image.new("RGB", (7, 5)), file.getvalue(), {str(tmp_path / "a.jpg")!r},
    Figure(figsize=(1, 2), dpi=10), Plot(),
]
"""
    )
    assert found == {
        "Picture 1.png": ("PNG", (7, 5)),
        "Picture 2.tif": ("TIFF", (2, 3)),
        "a.jpg": ("JPEG", (5, 4)),
        "Picture 4.png": ("PNG", (10, 20)),
        "Picture 5.png": ("PNG", (5, 4)),
    }


def test_names_are_those_that_every_system_can_hold() -> None:
    found = given(
        """
from PIL import Image
picture = Image.new("RGB", (1, 1))
pictures = {name: picture for name in ("Map", "map", "map.png", "con", "a/b: c", "")}
"""
    )
    assert set(found) == {
        *("Map.png", "map 2.png", "map 3.png", "_con.png", "a_b_ c.png", "Picture 6.png")
    }


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("[b'no image']", "Item 1 in pictures is a bytes, not an image"),
        ("{'plot': 3}", "“plot” in pictures is a int, not an image"),
        ("['nowhere.png']", "Item 1 in pictures is a str, not an image"),
        ("5", "“pictures” is a int, not a list"),
    ],
)
def test_what_is_no_picture_is_a_warning(what: str, said: str) -> None:
    with pytest.warns(ModuleWarning, match=said):
        assert given(f"pictures = {what}") == {}


@pytest.mark.parametrize("drawn", [True, False])
def test_a_script_that_fails_says_that_its_pictures_are_lost(drawn: bool) -> None:
    script = f"""
import matplotlib.pyplot as plt
def azureml_main(dataframe1, dataframe2):
    if {drawn}:
        plt.plot([1, 2])
    1 / 0
"""
    with pytest.raises(ModuleError, match="ZeroDivisionError") as raised:
        execute_python_script(TABLE, script=script)
    assert ("Its images are lost" in raised.value.hint) is drawn
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_what_a_script_has_drawn_before_it_fails_is_left_beside_its_log(tmp_path: Path) -> None:
    script = """
import matplotlib.pyplot as plt
def azureml_main(dataframe1, dataframe2):
    plt.figure("Shown"); plt.plot([1, 2]); plt.show()
    plt.figure("Open"); plt.plot([2, 1])
    1 / 0
"""
    folder = tmp_path / "logs" / "script.pictures"
    with (
        pytest.raises(ModuleError, match="ZeroDivisionError") as raised,
        using_failure_folder(folder),
    ):
        execute_python_script(TABLE, script=script)
    assert f"Its images so far are in “{folder}”." in raised.value.hint
    assert sorted(path.name for path in folder.iterdir()) == ["Open.png", "Shown.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.iterdir())
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_pictures_that_can_not_be_left_hide_no_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    script = """
import matplotlib.pyplot as plt
def azureml_main(dataframe1, dataframe2):
    plt.plot([1, 2])
    1 / 0
"""
    with (
        pytest.raises(ModuleError, match="ZeroDivisionError") as raised,
        using_failure_folder(tmp_path / "logs" / "script.pictures"),
    ):
        execute_python_script(TABLE, script=script)
    assert "Its images are lost" in raised.value.hint


def test_a_script_may_call_something_else_pictures() -> None:
    """A name inside a function is no picture's."""
    script = """
def azureml_main(dataframe1, dataframe2):
    pictures = ["a", "b"]
    return dataframe1
"""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert execute_python_script(TABLE, script=script)[2] is None
