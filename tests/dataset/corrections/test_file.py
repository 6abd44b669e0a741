"""The file of corrections under what happens to files: many writers, killed writers, a full disk, damage."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_core.dataset.corrections.file import (
    COLUMNS,
    CORRECTIONS_NAME,
    Change,
    locked_corrections,
    read_corrections_file,
)
from fer_core.errors import DatasetError

PROJECT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from fer_core.dataset.corrections.file import Change, locked_corrections

folder, author, num_batches, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("ready", flush=True)
for batch in range(num_batches):
    changes = [Change(f"{author}/{batch}/{number}.png", "exclude", "sad", "sad") for number in range(size)]
    with locked_corrections(folder) as file:
        file.append(changes, author=author)
"""


def start_writer(folder: Path, author: str, num_batches: int, size: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(folder), author, str(num_batches), str(size)]
    process = subprocess.Popen(arguments, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def add(folder: Path, *paths: str, author: str = "ann") -> str:
    with locked_corrections(folder) as file:
        return file.append([Change(path, "relabel", "happy", "sad") for path in paths], author=author)


def paths_in(folder: Path) -> list[str]:
    return read_corrections_file(folder / CORRECTIONS_NAME)["path"].tolist()


@pytest.mark.slow
def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, author, 200, 2) for author in ("ann", "bob")]
    assert [writer.wait(timeout=240) for writer in writers] == [0, 0]
    rows = read_corrections_file(tmp_path / CORRECTIONS_NAME)
    for author in ("ann", "bob"):
        written = rows.loc[rows["author"] == author, "path"].tolist()
        assert written == [f"{author}/{batch}/{number}.png" for batch in range(200) for number in range(2)]


def test_a_reader_sees_whole_batches_only_while_somebody_writes(tmp_path: Path) -> None:
    writer = start_writer(tmp_path, "ann", 20, 500)
    while writer.poll() is None:
        assert len(paths_in(tmp_path)) % 500 == 0
    assert len(paths_in(tmp_path)) == 20 * 500


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("delay", [0.02, 0.11, 0.3])
def test_a_killed_writer_leaves_whole_batches_and_no_lock(tmp_path: Path, delay: float) -> None:
    writer = start_writer(tmp_path, "ann", 10_000, 300)
    time.sleep(delay)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    found = paths_in(tmp_path)
    assert len(found) % 300 == 0
    add(tmp_path, "after.png")
    assert paths_in(tmp_path) == [*found, "after.png"]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_batch_cut_short_is_left_out_and_cut_off(tmp_path: Path, share: float) -> None:
    add(tmp_path, "whole.png")
    path = tmp_path / CORRECTIONS_NAME
    whole = path.read_bytes()
    add(tmp_path, "torn-1.png", "torn-2.png", "torn-3.png", "torn-4.png")
    batch = path.read_bytes()[len(whole) :]
    path.write_bytes(whole + batch[: int(share * len(batch))])
    assert paths_in(tmp_path) == ["whole.png"]
    add(tmp_path, "next.png")
    assert paths_in(tmp_path) == ["whole.png", "next.png"]
    assert path.read_bytes().startswith(whole)
    assert len(path.read_bytes().splitlines()) == 3


@pytest.mark.parametrize("rest", [b"", b"time,pa", b"\0" * 4096], ids=["empty", "half-a-header", "zeros"])
def test_a_file_without_a_whole_line_is_begun_again(tmp_path: Path, rest: bytes) -> None:
    (tmp_path / CORRECTIONS_NAME).write_bytes(rest)
    assert paths_in(tmp_path) == []
    add(tmp_path, "first.png")
    assert paths_in(tmp_path) == ["first.png"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_changes_nothing_and_says_so(small_disk: Path) -> None:
    add(small_disk, "first.png")
    before = (small_disk / CORRECTIONS_NAME).read_bytes()
    with pytest.raises(DatasetError, match="nothing was changed"):
        add(small_disk, *(f"a-long-folder-name/{number:050}.png" for number in range(1000)))
    assert (small_disk / CORRECTIONS_NAME).read_bytes() == before
    add(small_disk, "second.png")
    assert paths_in(small_disk) == ["first.png", "second.png"]


def test_the_first_correction_on_a_full_disk_leaves_no_corrections(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(b"x" * 2**20)
    with pytest.raises(DatasetError, match="nothing was changed"):
        add(small_disk, "first.png")
    assert paths_in(small_disk) == []
    (small_disk / "filler").unlink()
    add(small_disk, "first.png")
    assert paths_in(small_disk) == ["first.png"]


@pytest.mark.parametrize(
    "name",
    ["a,b.png", 'say "happy".png', "ünïcödé/顔.png", "=1+1.png", "+a.png", "-a.png", "@a.png", "'a.png", "''=a.png",
     "＝1.png", "#a.png", "NA", "1e5", " a .png"],
)  # fmt: skip
def test_a_name_comes_back_as_it_went_in(tmp_path: Path, name: str) -> None:
    add(tmp_path, name, author=name)
    rows = read_corrections_file(tmp_path / CORRECTIONS_NAME)
    assert rows["path"].tolist() == [name]
    add(tmp_path, "another.png")
    assert paths_in(tmp_path) == [name, "another.png"]


@pytest.mark.parametrize("start", list("=+-@＝＋－＠"))
def test_no_cell_begins_like_a_formula(tmp_path: Path, start: str) -> None:
    with locked_corrections(tmp_path) as file:
        file.append([Change(f"{start}a", "relabel", f"{start}b", f"{start}c", f"{start}d")], author=f"{start}e")
    (row,) = (tmp_path / CORRECTIONS_NAME).read_text("utf-8").splitlines()[1:]
    assert not [cell for cell in row.split(",") if cell.startswith(start)]


@pytest.mark.parametrize("name", ["a\nb.png", "a\rb.png", "a\0b.png", "a\udce9.png"])
def test_a_name_that_is_no_line_of_text_is_refused(tmp_path: Path, name: str) -> None:
    add(tmp_path, "first.png")
    with pytest.raises(DatasetError, match="nothing was changed"):
        add(tmp_path, "good.png", name)
    assert paths_in(tmp_path) == ["first.png"]


HEADER = ",".join(COLUMNS).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b,c\n1,2,3\n", "its columns are a, b, c"),
        (HEADER + b",a.png,delete,,,,,\n", "its actions are delete"),
        (HEADER + b"a,b,c,d,e,f,g,h,i\n", "more cells"),
        (HEADER + b"p\xe9.png\n", "codec"),
        (b"\n\n", "No columns"),
    ],
    ids=["columns", "action", "cells", "encoding", "blank"],
)
def test_a_damaged_file_says_what_is_wrong_and_is_left_alone(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / CORRECTIONS_NAME).write_bytes(content)
    for function in (lambda: paths_in(tmp_path), lambda: add(tmp_path, "a.png")):
        with pytest.raises(DatasetError, match=rf"is damaged: .*{said}.*Mend it"):
            function()
    assert (tmp_path / CORRECTIONS_NAME).read_bytes() == content
