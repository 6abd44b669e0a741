import unicodedata

import pytest

from fer_core.dataset.sources.archive_names import MAX_DEPTH, MAX_PART_BYTES, safe_path
from fer_core.errors import ArchiveError


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "a/../../b.png",
        "/a.png",
        "//host/share/a.png",
        "C:/a.png",
        "c:a.png",
        "..\\a.png",
        "\\a.png",
        "a\0.png",
    ],
)
def test_a_name_that_points_outside_is_refused(name):
    with pytest.raises(ArchiveError, match=r"'faces\.zip'.*outside"):
        safe_path(name, "faces.zip")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("train/happy/1.png", "train/happy/1.png"),
        ("./train//happy/1.png", "train/happy/1.png"),
        ("train\\happy\\1.png", "train/happy/1.png"),
        ("train/con/nul.png", "train/con_/nul_.png"),
        ("train/COM1/Lpt9.tar.gz", "train/COM1_/Lpt9_.tar.gz"),
        ("console/1.png", "console/1.png"),
        ('happy/a<b>:"c|d?*.png', "happy/a_b___c_d__.png"),
        ("happy . /1.png", "happy/1.png"),
        (".../1.png", "_/1.png"),
        ("счастье/1.png", "счастье/1.png"),
        ("幸せ/1.png", "幸せ/1.png"),
        (unicodedata.normalize("NFD", "Überraschung/é.png"), "Überraschung/é.png"),
        ("happy/\udce9.png", "happy/?.png".replace("?", "_")),
    ],
)
def test_names_come_out_the_same_on_every_system(name, path):
    assert safe_path(name, "faces.zip") == path


@pytest.mark.parametrize("stem", ["x" * 300, "ü" * 300, "幸" * 300], ids=["ascii", "two bytes", "three bytes"])
def test_overlong_names_are_cut_and_stay_different(stem):
    first, second = (safe_path(f"happy/{stem}{number}.png", "faces.zip") for number in (1, 2))
    assert first != second
    assert first.endswith(".png")
    assert len(first.split("/")[1].encode()) <= MAX_PART_BYTES
    assert safe_path(f"happy/{stem}1.png", "faces.zip") == first


def test_endless_nesting_is_refused():
    with pytest.raises(ArchiveError, match="levels deep"):
        safe_path("a/" * (MAX_DEPTH + 1) + "1.png", "faces.zip")
