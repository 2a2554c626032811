"""Import Files: folders, archives, and downloads as they are."""

from __future__ import annotations

import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from modules.computer_vision.convert_to_image_directory import convert_to_image_directory
from modules.contract.errors import ModuleError
from modules.data_input_output.import_files import import_files
from modules.values import Files
from modules.values.storage import load, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for label, shade in (("cats", 10), ("dogs", 200)):
        (folder / label).mkdir(parents=True)
        for number in range(2):
            Image.fromarray(np.full((4, 4), shade, "uint8")).save(folder / label / f"{number}.png")
    (folder / "notes.txt").write_text("ok", "utf-8")
    (folder / ".hidden").write_text("no", "utf-8")
    return folder


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def names(value: Files) -> list[str]:
    files = [path for path in value.folder.rglob("*") if path.is_file()]
    return sorted(path.relative_to(value.folder).as_posix() for path in files)


ALL = ["cats/0.png", "cats/1.png", "dogs/0.png", "dogs/1.png", "notes.txt"]


@pytest.mark.proves("import_files", by="bytes written by hand")
def test_a_folder_keeps_its_files_and_subfolders(folder: Path, tmp_path: Path) -> None:
    value = import_files(path=str(folder))
    assert names(value) == ALL
    assert (value.folder / "notes.txt").read_text("utf-8") == "ok"
    # The user's own file isn't the one in the pipeline.
    (folder / "notes.txt").write_text("changed", "utf-8")
    assert (value.folder / "notes.txt").read_text("utf-8") == "ok"
    assert names(import_files(path=str(folder), pattern="**/*.png")) == ALL[:4]
    assert names(import_files(path=str(folder), pattern="*.txt")) == ["notes.txt"]
    save(value, tmp_path / "stored")
    assert names(load(tmp_path / "stored")) == ALL  # type: ignore[arg-type]


def test_archives_are_extracted_unless_they_should_stay(folder: Path, tmp_path: Path) -> None:
    archive = zipped(folder, tmp_path / "a.zip")
    assert names(import_files(path=str(archive))) == ALL
    assert names(import_files(path=str(archive), unpack=False)) == ["a.zip"]
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        tar.add(folder, "pictures")
    assert names(import_files(path=str(tmp_path / "b.tar.gz"))) == [f"pictures/{n}" for n in ALL]
    both = tmp_path / "both"
    (both / "in").mkdir(parents=True)
    archive.rename(both / "in" / "a.zip")
    assert names(import_files(path=str(both))) == [f"in/{name}" for name in ALL]
    assert (both / "in" / "a.zip").exists()
    assert names(import_files(path=str(both), unpack=False)) == ["in/a.zip"]


def test_an_archive_writes_nothing_elsewhere(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        entry = tarfile.TarInfo("../../outside.txt")
        entry.size = 2
        tar.addfile(entry, io.BytesIO(b"no"))
    with pytest.raises(ModuleError, match="can't be extracted") as caught:
        import_files(path=str(tmp_path / "evil.tar"))
    assert caught.value.code == "bad-archive"
    assert not (tmp_path.parent / "outside.txt").exists()


@pytest.fixture
def server(folder: Path, tmp_path: Path) -> Iterator[str]:
    zipped(folder, tmp_path / "all.zip").rename(folder / "all.zip")
    handler: Any = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_url_is_downloaded(server: str, refused: Any) -> None:
    assert names(import_files(source="URL", url=f"{server}/all.zip")) == ALL
    assert names(import_files(source="URL", url=f"{server}/notes.txt")) == ["notes.txt"]
    with refused("download-failed", "404", parameter="url"):
        import_files(source="URL", url=f"{server}/none.zip")


def test_images_of_an_archive_become_an_image_directory(folder: Path, tmp_path: Path) -> None:
    files = import_files(path=str(zipped(folder, tmp_path / "a.zip")))
    images = convert_to_image_directory(files)
    assert sorted(path.name for path in images.folder.iterdir()) == ["cats", "dogs"]
    # Extracting them is left to that module as well.
    kept = import_files(path=str(tmp_path / "a.zip"), unpack=False)
    assert len(list(convert_to_image_directory(kept).folder.rglob("*.png"))) == 4


def test_mistakes_are_explained(folder: Path, tmp_path: Path, refused: Any) -> None:
    with refused("file-not-found", "nowhere", parameter="path"):
        import_files(path=str(tmp_path / "nowhere"))
    with refused("no-files", "*.jpg", parameter="pattern"):
        import_files(path=str(folder), pattern="*.jpg")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 broken")
    with refused("bad-archive", "bad.zip", parameter="path"):
        import_files(path=str(tmp_path / "bad.zip"))
