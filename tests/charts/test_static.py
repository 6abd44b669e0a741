import threading
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from fer_core.charts.static import (
    confusion_matrix,
    reliability_diagram,
    risk_coverage_curve,
    sample_grid,
    save_figures,
    to_bytes,
    training_curves,
)
from fer_core.charts.style import BEST_COLOR, TRAIN_COLOR, VALIDATION_COLOR
from fer_core.dataset.index import DatasetIndex
from fer_core.errors import DatasetError, FerError
from tests.source_tree import imported_names, source_files

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [1.9, 1.5, 1.1],
        "accuracy": [0.2, 0.4, 0.6],
        "val_loss": [1.8, 1.4, 1.5],
        "val_accuracy": [0.25, 0.5, 0.45],
    }
)
REPORT = {
    "class_names": ["happy", "sad"],
    "confusion": [[3, 1], [0, 0]],
    "reliability": [
        {"low": 0.0, "high": 0.5, "num_images": 0, "confidence": None, "accuracy": None},
        {"low": 0.5, "high": 1.0, "num_images": 4, "confidence": 0.9, "accuracy": 0.75},
    ],
    "ece": 0.15,
    "risk_coverage": [[0.0, 1.0, 0.75], [0.5, 0.5, 0.9], [1.0, 0.0, 1.0]],
    "unsure_threshold": 0.45,
    "aurc": 0.1,
}


def made_index(num_happy: int = 3, channels: int = 1) -> DatasetIndex:
    labels = ["happy"] * num_happy + ["sad"]
    table = pd.DataFrame({"image_id": range(len(labels)), "label": labels, "split": "train", "readable": True})
    return DatasetIndex(table, np.full((len(labels), 8, 8, channels), 40, np.uint8))


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_training_is_dashed_validation_solid_and_the_best_epoch_has_a_star():
    for axes, train, best in zip(
        training_curves(HISTORY).axes, ([1.9, 1.5, 1.1], [20, 40, 60]), (1.4, 50), strict=True
    ):
        training, validation, star = axes.lines
        assert (training.get_linestyle(), training.get_color()) == ("--", TRAIN_COLOR)
        assert (validation.get_linestyle(), validation.get_color()) == ("-", VALIDATION_COLOR)
        assert list(training.get_ydata()) == pytest.approx(train)
        assert (star.get_color(), list(star.get_xdata()), list(star.get_ydata())) == (BEST_COLOR, [2], [best])


@pytest.mark.parametrize(
    ("history", "num_lines"),
    [(HISTORY.head(0), [0, 0]), (HISTORY[["epoch", "loss"]], [1, 0]), (HISTORY.assign(val_accuracy=np.nan), [2, 1])],
    ids=["no epoch yet", "no validation", "validation without values"],
)
def test_what_is_not_in_the_history_is_not_drawn(history, num_lines):
    figure = training_curves(history)
    assert [len(axes.lines) for axes in figure.axes] == num_lines
    assert to_bytes(figure)


def test_confusion_cells_tell_share_of_the_row_and_count():
    (axes,) = confusion_matrix(REPORT).axes
    assert texts(axes) == ["75 %\n3", "25 %\n1", "0 %\n0", "0 %\n0"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["happy", "sad"]
    assert axes.get_title(loc="left") == "75.0 % of 4 images right"


def luminance(color) -> float:
    """Relative luminance, WCAG 2.2."""
    values = np.array(to_rgb(color))
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("percent", range(0, 101, 20))
def test_letters_stand_out_from_their_cell(percent):
    (axes,) = confusion_matrix(REPORT | {"confusion": [[percent, 100 - percent], [0, 1]]}).axes
    image = axes.images[0]
    cell, letters = luminance(image.cmap(image.norm(percent / 100))[:3]), luminance(axes.texts[0].get_color())
    assert (max(cell, letters) + 0.05) / (min(cell, letters) + 0.05) >= 3.9


def test_only_bins_with_pictures_have_a_bar():
    top, bottom = reliability_diagram(REPORT).axes
    assert [(bar.get_x(), bar.get_height()) for bar in top.patches] == [(50, 75)]
    assert [bar.get_height() for bar in bottom.patches] == [4]
    assert top.get_title(loc="left") == "calibration error (ECE) 15.0 points"


def test_the_risk_at_the_models_threshold_is_marked():
    curve, mark = risk_coverage_curve(REPORT).axes[0].lines
    assert list(curve.get_xdata()) == [100, 50]
    assert list(curve.get_ydata()) == pytest.approx([25, 10])
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (50, pytest.approx(10))


def test_without_a_threshold_there_is_no_mark():
    figure = risk_coverage_curve({"risk_coverage": REPORT["risk_coverage"]})
    assert len(figure.axes[0].lines) == 1


@pytest.mark.parametrize("channels", [1, 3])
def test_each_class_has_a_row_of_its_pictures_with_their_number(channels):
    (axes,) = sample_grid(made_index(channels=channels), per_class=2).axes
    assert texts(axes) == ["happy", "3", "sad", "1"]
    page = np.asarray(axes.images[0].get_array())
    assert page.shape == (18, 18, 3)
    assert (page[9:17, :8] == 40).all()
    assert (page[9:17, 9:] == 255).all()  # there is one sad picture only


def test_the_same_seed_chooses_the_same_pictures():
    index = made_index(20)
    index.images[:] = np.arange(len(index.images), dtype=np.uint8)[:, None, None, None]
    one, same, other = (sample_grid(index, per_class=5, seed=seed).axes[0].images[0] for seed in (1, 1, 2))
    assert np.array_equal(one.get_array(), same.get_array())
    assert not np.array_equal(one.get_array(), other.get_array())


def test_a_split_that_is_not_there_is_named():
    with pytest.raises(DatasetError, match="test"):
        sample_grid(made_index(), split="test")


def test_figures_become_files_of_each_kind(tmp_path: Path):
    paths = save_figures(tmp_path / "figures", {"risk": risk_coverage_curve(REPORT)}, kinds=("png", "svg", "pdf"))
    assert [path.name for path in paths] == ["risk.png", "risk.svg", "risk.pdf"]
    assert sorted(tmp_path.rglob("*.*")) == sorted(paths)
    with Image.open(paths[0]) as picture:
        assert picture.width == pytest.approx(8.5 / 2.54 * 200, abs=2)
    assert paths[1].read_text("utf-8").lstrip().startswith("<?xml")
    assert paths[2].read_bytes().startswith(b"%PDF")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FerError, match="cannot be written"):
        save_figures(tmp_path / "taken", {"risk": risk_coverage_curve(REPORT)})


def test_threads_draw_at_once_and_nothing_global_is_touched():
    before = matplotlib.rcParams.copy()
    pictures: list[bytes] = []
    threads = [threading.Thread(target=lambda: pictures.append(to_bytes(confusion_matrix(REPORT)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pictures) == 4
    assert len(set(pictures)) == 1
    assert matplotlib.rcParams.copy() == before
    files = source_files("fer_core/charts/static")
    assert [path for path in files for _, name in imported_names(path.read_text("utf-8")) if "pyplot" in name] == []
