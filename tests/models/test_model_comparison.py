"""Several models on the same pictures: figures are those of their evaluations, tests those of what they said."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from fer_core.dataset import Dataset, add_dataset, open_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import Cancelled, ModelError
from fer_core.models import find_model
from fer_core.models.group_metadata import metadata_digest, with_metadata
from fer_core.models.model_comparison import check_models, compare_models, measure_models, unmeasured
from fer_core.models.package import ModelPackage


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    """Drawn faces of which a CSV says who wears a hat."""
    write_drawn_faces(tmp_path / "drawn", num_train=7, num_test=70)
    paths = sorted((tmp_path / "drawn" / "test").glob("*/*.png"))
    said = pd.DataFrame({"path": ["/".join(path.parts[-3:]) for path in paths], "hat": ["yes", "no"] * 35})
    said.to_csv(tmp_path / "people.csv", index=False)
    return add_dataset(tmp_path / "drawn", name="small", metadata=tmp_path / "people.csv")


@pytest.fixture
def packages(tiny_package: ModelPackage, fer_home: Path) -> list[ModelPackage]:
    """A model, and one that is less confident and so differs in its digest, and swaps two of its answers."""
    first = Path(shutil.copytree(tiny_package.folder, fer_home / "models" / "first"))
    second = Path(shutil.copytree(first, fer_home / "models" / "second"))
    info = json.loads((second / "model.json").read_text())
    names = info["class_names"]
    info["class_names"] = [names[1], names[0], *names[2:]]
    (second / "model.json").write_text(json.dumps(info))
    return [find_model("first"), find_model("second")]


def test_a_comparison_agrees_with_what_each_said(packages: list[ModelPackage], dataset: Dataset) -> None:
    assert compare_models(packages, dataset, "test", views="one") is None
    seen: list[tuple[int, int]] = []
    measure_models(packages, dataset, "test", views="one", on_progress=lambda *now: seen.append(now))
    assert seen[-1] == (140, 140)
    assert unmeasured(packages, dataset, "test", views="one") == []
    comparison = compare_models(packages, dataset, "test", views="one")
    assert comparison is not None
    right = {name: comparison.answers[name] == comparison.pictures["label"] for name in ("first", "second")}
    only = [int((right["first"] & ~right["second"]).sum()), int((right["second"] & ~right["first"]).sum())]
    (pair,) = comparison.report["pairs"]
    assert [pair["only_first"], pair["only_second"]] == only
    assert pair["p_value"] == pytest.approx(binomtest(only[0], sum(only), 0.5).pvalue)
    assert [row["accuracy"] for row in comparison.report["models"]] == [right["first"].mean(), right["second"].mean()]
    swapped = comparison.answers["first"] != comparison.answers["second"]
    assert comparison.disputed.tolist() == np.flatnonzero(swapped).tolist()
    assert comparison.report["num_disagreements"] == swapped.sum() > 0


@pytest.mark.parametrize("names", [[], ["a"], ["a", "a"], list("abcdefg")], ids=["none", "one", "twice", "seven"])
def test_what_cannot_be_compared_is_refused(names: list[str]) -> None:
    with pytest.raises(ModelError, match="2 to 6 different models"):
        check_models(names)


def test_measuring_can_be_stopped(packages: list[ModelPackage], dataset: Dataset) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        measure_models(packages, dataset, "test", views="one", on_progress=stop)


def test_the_command_compares_and_evaluate_tells_groups(
    run, packages: list[ModelPackage], dataset: Dataset, tmp_path: Path
) -> None:
    on = ["--dataset", "small", "--split", "test", "--views", "one"]
    code, out, _ = run("models", "compare", "first", "second", *on, "--json", tmp_path / "c.json")
    report = json.loads((tmp_path / "c.json").read_text())
    assert code == 0
    assert f"They disagree on {len(report['disagreements'])} of 70 images." in out
    assert set(report["disagreements"][0]["answers"]) == {"first", "second"}
    assert run("models", "compare", "first", *on)[0] == 1

    code, out, _ = run("models", "evaluate", "first", *on, "--json", tmp_path / "e.json")
    groups = json.loads((tmp_path / "e.json").read_text())["groups"]
    assert [(row["group"], row["num_images"]) for row in groups["rows"]] == [("no", 35), ("yes", 35)]
    assert "hat: right" in out
    (tmp_path / "new.csv").write_text("path,hat\n" + (tmp_path / "people.csv").read_text().split("\n", 2)[1] + "\n")
    code, _, _ = run(
        "models", "evaluate", "first", *on, "--json", tmp_path / "e.json", "--metadata", tmp_path / "new.csv"
    )
    groups = json.loads((tmp_path / "e.json").read_text())["groups"]
    assert sorted((row["group"], row["num_images"], row["accuracy"]) for row in groups["rows"])[1] == ("yes", 1, None)


def test_other_metadata_is_another_measurement(dataset: Dataset, tmp_path: Path) -> None:
    index = open_dataset("small").view()
    (tmp_path / "new.csv").write_text((tmp_path / "people.csv").read_text().replace("yes", "maybe"))
    changed = with_metadata(index, tmp_path / "new.csv")
    assert set(changed.table["hat"]) == {"", "maybe", "no"}
    assert changed.fingerprint == index.fingerprint
    assert metadata_digest(changed) != metadata_digest(index)
