import os
from pathlib import Path

import pytest

from fer_core.prediction.batch import list_pictures
from fer_core.prediction.batch.annotated import copy_place


@pytest.fixture
def folder(tmp_path):
    for name in ("b/2.png", "b/1.png", "a/3.png", "c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_pictures_come_in_the_order_of_their_names(folder):
    listed = list_pictures([folder])
    names = [Path(picture.name).relative_to(folder).as_posix() for picture in listed.pictures]
    assert names == ["c.png", "a/3.png", "b/1.png", "b/2.png"]
    assert not listed.errors


def test_names_leave_out_what_they_are_told_to(folder):
    names = [picture.name for picture in list_pictures([folder / "a", folder / "c.png"], below=folder).pictures]
    assert names == [os.path.join("a", "3.png"), "c.png"]


def test_the_batchs_own_copies_are_not_read(folder):
    assert [Path(picture.name).name for picture in list_pictures([folder], skip=folder / "b").pictures] == [
        "c.png",
        "3.png",
    ]


@pytest.mark.parametrize(
    ("given", "places"),
    [
        pytest.param(["."], ["c.png.jpg", "a/3.png.jpg", "b/1.png.jpg", "b/2.png.jpg"], id="folder"),
        pytest.param(["a", "b"], ["a/3.png.jpg", "b/1.png.jpg", "b/2.png.jpg"], id="two-folders"),
        pytest.param(["b/1.png", "c.png"], ["b/1.png.jpg", "c.png.jpg"], id="files"),
        pytest.param(["b/1.png"], ["1.png.jpg"], id="file"),
    ],
)
def test_every_copy_has_its_own_place_below_what_all_paths_share(folder, given, places):
    listed = list_pictures([folder / path for path in given])
    copies = [copy_place(Path("copies"), picture.inside).as_posix() for picture in listed.pictures]
    assert copies == [f"copies/{place}" for place in places]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_named_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.zip")
    assert len(list_pictures([folder / "pipe.zip"]).pictures) == 1
