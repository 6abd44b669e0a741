"""The card says what the measurements say, keeps them with the package, and takes none of another network."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import DatasetIndex
from fer_core.evaluation.groups import group_report
from fer_core.models.assessment import evaluation_of
from fer_core.models.card import Report, write_card
from fer_core.models.evaluation_files import evaluation_files, keep_evaluations
from fer_core.models.package import ModelPackage, read_package, write_info
from fer_core.models.scoring import ScoredPictures
from tests.evaluation.test_metrics import make_predictions
from tests.models.networks import make_faces, make_info


@pytest.fixture
def package(tiny_package: ModelPackage, tmp_path: Path) -> ModelPackage:
    """A copy that a test may change."""
    return read_package(shutil.copytree(tiny_package.folder, tmp_path / "mine"))


@pytest.fixture
def report(package: ModelPackage) -> Report:
    """An evaluation on 200 pictures, of which the last 20 recur in train."""
    y_true, y_prob = make_predictions(num_images=200)
    names = package.info.class_names
    table = pd.DataFrame({"image_id": range(220), "label": [*(names[n] for n in y_true), *["happy"] * 20]})
    table["split"] = ["test"] * 200 + ["train"] * 20
    table["readable"], table["path"] = True, [f"{number}.png" for number in range(220)]
    table["digest"] = table["path"]
    index = DatasetIndex(table, make_faces(1))
    scored = ScoredPictures(table[:200], y_prob.astype(np.float32), names)
    twins = {"image_id": range(180, 200), "twin_id": range(200, 220), "similarity": 1.0, "identical": True}
    made = evaluation_of(package, scored, index, "test", views="all", duplicates=pd.DataFrame(twins))
    return made | {"dataset": "mine"}


ROBUSTNESS = {
    "kind": "robustness", "dataset": "mine", "split": "test", "views": "one", "seed": 3, "num_images": 1000,
    "accuracy": 0.7, "accuracy_ci": [0.67, 0.73],
    "rows": [
        {"title": "Blur", "unit": "pixels", "strength": 2.0, "accuracy": 0.5, "accuracy_ci": [0.47, 0.53], "drop": 0.2}
    ],
}  # fmt: skip


def test_every_figure_of_the_card_is_one_of_the_report(report: Report) -> None:
    card = write_card(make_info(), [report, ROBUSTNESS])
    own = report["without_leaks"]
    assert f"| images | {report['num_images']} | {own['num_images']} |" in card
    assert f"| calibration error (ECE, 15 bins) | {100 * report['ece']:.1f} % | {100 * own['ece']:.1f} % |" in card
    low, high = report["macro_f1_ci"]
    assert f"{100 * report['macro_f1']:.1f} % ({100 * low:.1f}-{100 * high:.1f})" in card
    for row, counts in zip(report["per_class"], report["confusion"], strict=True):
        assert f"| {row['class_name']} | {' | '.join(map(str, counts))} |" in card
        assert f"| {100 * row['f1']:.1f} % | {row['support']} |" in card
    assert "| Blur | 2 pixels | 50.0 % (47.0-53.0) | -20.0 |" in card
    assert "faces drawn with seed 3" in card


def test_groups_and_flips_are_in_the_card(package: ModelPackage) -> None:
    """Forty faces of one group, forty of another, and three of a group that has no figures."""
    y_true, y_prob = make_predictions(num_images=83)
    people = pd.DataFrame({"glasses|worn": ["yes"] * 40 + ["no"] * 40 + ["*broken*"] * 3})
    groups = group_report(y_true, y_prob, people, package.info.class_names)
    flip = {"title": "Drawn mask", "flipped": 0.25, "flipped_ci": [0.2, 0.3], "accuracy": 0.5, "drop": 0.125}
    changed = ROBUSTNESS | {"counterfactuals": {"num_landmarks": 900, "rows": [flip]}}
    card = write_card(make_info(), [{"groups": groups, "split": "test", "views": "all", "kind": "groups"}, changed])
    assert "not measured" not in card
    accuracy = (y_prob[:40].argmax(axis=1) == y_true[:40]).mean()
    assert f"| glasses\\|worn | yes | 40 | {100 * accuracy:.1f} % (" in card
    assert "| \\*broken\\* | 3 | too few faces |" in card
    assert "Fisher's exact test, one comparison" in card
    assert "| Drawn mask | 25.0 % (20.0-30.0) | 50.0 % | -12.5 |" in card


@pytest.mark.parametrize(
    "needed", ["**not measured**", "Article 5(1)(f)", "never on a test split", "Doubts:", "Not measured yet"]
)
def test_a_card_without_measurements_says_what_it_must(needed: str) -> None:
    assert needed in write_card(make_info(metrics={}))


def test_several_seeds_have_mean_and_spread(report: Report) -> None:
    repeats = {f"seed-{n}": report | {"accuracy": accuracy} for n, accuracy in enumerate((0.5, 0.6, 0.7))}
    card = write_card(make_info(), [], repeats)
    assert "## 3 trainings with seeds of their own" in card
    assert "| **mean** | 60.0 % |" in card
    assert "| **standard deviation** | 10.0 % |" in card


def test_the_tables_of_a_card_are_whole(report: Report) -> None:
    lines = write_card(make_info(), [report, ROBUSTNESS], {"a": report}).splitlines()
    widths: list[int] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            widths.append(line.count("|"))
        elif widths:
            assert len(set(widths)) == 1, lines
            widths = []


def test_measurements_travel_with_the_package(package: ModelPackage, report: Report, fer_home: Path) -> None:
    folder = fer_home / "evaluations"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(json.dumps(report))
    (folder / "other.json").write_text(json.dumps(report | {"network": "another", "dataset": "theirs"}))
    assert evaluation_files(package) == [report]
    paths = keep_evaluations(package)
    assert [path.name for path in paths] == ["evaluation-mine-test-all.json", "README.md"]
    (folder / "x.json").unlink()
    assert evaluation_files(package) == [report]
    assert "## On mine, split test, ten views" in package.card()
    write_info(replace(package.info, licence="MIT"), package.folder)
    assert "## On mine, split test, ten views" in package.card()
    write_info(replace(package.info, temperature={"one": 2.0, "all": 2.0}), package.folder)
    assert "## On mine" not in package.card()  # other probabilities, which nobody has measured


def test_the_command_prints_or_writes_the_card(run, package: ModelPackage, report: Report, fer_home: Path) -> None:
    code, out, err = run("models", "report", package.folder)
    assert code == 0
    assert "# tiny" in out
    assert "Nothing was measured of this network yet" in err
    (fer_home / "evaluations").mkdir(parents=True)
    (fer_home / "evaluations" / "x.json").write_text(json.dumps(report))
    target = fer_home / "card.md"
    code, out, _ = run("models", "report", package.folder, "--out", target, "--keep")
    assert (code, out) == (0, "")
    assert "## On mine" in target.read_text(encoding="utf-8")
    assert target.read_text(encoding="utf-8") == package.card()
