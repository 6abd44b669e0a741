import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.dataset.sources.folders import read_class_folders
from fer_core.dataset.sources.pixel_csv import FER2013_LABELS, is_pixel_csv, unpack_pixel_csv
from fer_core.errors import DatasetError

FIRST = "emotion,pixels,Usage"
SECOND = "emotion, Usage, pixels"
GREY = " ".join(["128"] * 48 * 48)


def row(emotion: object, usage: str = "Training", pixels: str = GREY, header: str = FIRST) -> str:
    return f"{emotion},{pixels},{usage}" if header == FIRST else f"{emotion}, {usage}, {pixels}"


def write(folder: Path, *lines: str) -> Path:
    table = folder / "fer2013.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("header", [FIRST, SECOND, " emotion, Usage, pixels", '"emotion","pixels","Usage"'])
def test_both_releases_give_the_published_labels_and_splits(tmp_path: Path, out: Path, header: str) -> None:
    order = SECOND if "Usage, pixels" in header else FIRST
    usages = ["Training", "PublicTest", "PrivateTest"]
    lines = [row(emotion, usage, header=order) for emotion in range(7) for usage in usages]
    steps: list[tuple[int, int]] = []
    table = write(tmp_path, header, *lines)
    assert is_pixel_csv(table)
    assert unpack_pixel_csv(table, out, on_progress=lambda *step: steps.append(step)) == 21
    pictures = read_class_folders(out)
    assert pictures["split"].value_counts().to_dict() == {"train": 7, "public_test": 7, "private_test": 7}
    assert (out / "public_test" / "neutral" / "PublicTest_0000019.png").is_file()
    assert steps[-1][0] == steps[-1][1]


def test_the_published_order_is_not_the_alphabetical_one(tmp_path: Path, out: Path) -> None:
    shades = [" ".join([str(30 * emotion)] * 48 * 48) for emotion in range(7)]
    unpack_pixel_csv(write(tmp_path, FIRST, *(row(n, pixels=shade) for n, shade in enumerate(shades))), out)
    found = {file.parent.name: int(np.asarray(Image.open(file)).mean()) for file in out.rglob("*.png")}
    assert found == {
        "angry": 0,
        "disgust": 30,
        "fear": 60,
        "happy": 90,
        "sad": 120,
        "surprise": 150,
        "neutral": 180,
    }
    assert list(FER2013_LABELS) != sorted(FER2013_LABELS)


def test_pixels_arrive_in_their_places(tmp_path: Path, out: Path) -> None:
    values = np.random.default_rng(1).integers(0, 256, (48, 48))
    unpack_pixel_csv(write(tmp_path, FIRST, row(3, pixels=" ".join(map(str, values.ravel())))), out)
    (file,) = out.rglob("*.png")
    assert np.array_equal(np.asarray(Image.open(file)), values)


@pytest.mark.parametrize(
    "pixels",
    ["", "1 2 3", GREY + " 7", GREY.replace("128", "256", 1), GREY.replace("128", "-1", 1), "a " * 2304, "9" * 5000],
    ids=["none", "few", "one-more", "too-bright", "negative", "words", "huge"],
)
def test_a_row_of_bad_pixels_is_an_unreadable_picture(tmp_path: Path, out: Path, pixels: str) -> None:
    assert unpack_pixel_csv(write(tmp_path, FIRST, row(0), row(1, pixels=pixels), row(3)), out) == 3
    sizes = {file.parent.name: file.stat().st_size for file in out.rglob("*.png")}
    assert sizes["disgust"] == 0
    assert min(sizes["angry"], sizes["happy"]) > 0


def test_another_number_or_word_becomes_a_label_of_its_own(tmp_path: Path, out: Path) -> None:
    unpack_pixel_csv(write(tmp_path, FIRST, row(9), row("contempt"), row(" 06 ")), out)
    assert {file.parent.name for file in out.rglob("*.png")} == {"9", "contempt", "neutral"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["emotion,picture", "0,1"], "no table of pictures", id="other-columns"),
        pytest.param([FIRST], "no rows", id="empty"),
        pytest.param([FIRST, row(0), f"0,{GREY}"], "Line 3 .* cut off", id="cut-off"),
        pytest.param([FIRST, row("")], "Line 2 .* as its emotion", id="no-emotion"),
        pytest.param([FIRST, row("../up")], "as its emotion", id="climbs"),
        pytest.param([FIRST, row(0, "../../up")], "as its Usage", id="climbs-by-usage"),
        pytest.param([FIRST, row(0, pixels="1 " * 70_000)], "field larger", id="field-too-long"),
        pytest.param([FIRST, "1 " * 2**20], "more than 1,048,576 characters", id="line-too-long"),
    ],
)
def test_a_table_that_is_broken_says_where(tmp_path: Path, out: Path, lines: list[str], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        unpack_pixel_csv(write(tmp_path, *lines), out)
    assert not [*tmp_path.rglob("up")]


def test_memory_does_not_grow_with_the_table(tmp_path: Path, out: Path) -> None:
    table = write(tmp_path, FIRST, *(row(number % 7) for number in range(400)))
    tracemalloc.start()
    unpack_pixel_csv(table, out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert table.stat().st_size > 3_000_000
    assert peak < 2_500_000
