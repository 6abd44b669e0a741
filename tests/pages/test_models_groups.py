"""The views of groups, of several models, and of changes that should not matter."""

import shutil

import pytest

from fer_core.dataset import add_dataset, open_dataset
from fer_core.jobs import list_jobs
from fer_core.models import evaluate_model, find_model
from fer_core.models.model_comparison import compare_models
from fer_core.models.robustness import read_cached_robustness
from tests.pages.conftest import press, rerun, wait_for_end


@pytest.fixture
def model_home(home, drawn_folder, tiny_package, tmp_path):
    """A home with the models `tiny` and `other`, and the dataset `small` of which a CSV says who wears a hat."""
    paths = sorted(drawn_folder.glob("*/*/*.png"))
    lines = [f"{'/'.join(path.parts[-3:])},{'yes' if number % 2 else 'no'}" for number, path in enumerate(paths)]
    (tmp_path / "people.csv").write_text("\n".join(["path,hat", *lines]))
    for name in ("tiny", "other"):
        shutil.copytree(tiny_package.folder, home / "models" / name)
    info = home / "models" / "other" / "model.json"
    said = info.read_text().replace('"happy"', '"x"').replace('"sad"', '"happy"').replace('"x"', '"sad"')
    info.write_text(said)
    add_dataset(drawn_folder, name="small")
    add_dataset(drawn_folder, name="said", metadata=tmp_path / "people.csv")
    return home


def wait_for_jobs(home):
    for folder, _ in list_jobs(home / "jobs"):
        status = wait_for_end(folder)
        assert status is None or status.state == "completed", status.error


def _texts(app):
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def test_without_metadata_groups_are_not_measured_and_the_way_to_it_is_told(open_page, model_home):
    app = open_page("models", model="tiny", dataset="small", view="groups")
    assert "Not measured" in app.info[0].value
    assert "--metadata people.csv" in app.code[1].value
    assert not app.dataframe


@pytest.mark.slow
def test_groups_of_an_uploaded_csv_are_measured_and_small_ones_have_no_figures(open_page, model_home, tmp_path):
    app = open_page("models", model="tiny", dataset="small", view="groups", views="one")
    app.get("file_uploader")[0].set_value(("people.csv", (tmp_path / "people.csv").read_bytes(), "text/csv"))
    app = press(rerun(app), "Measure tiny on 21 images")
    wait_for_jobs(model_home)
    table = rerun(app).dataframe[0].value
    assert dict(zip(table["Group"], table["Faces"], strict=True)) in ({"no": 11, "yes": 10}, {"no": 10, "yes": 11})
    assert set(table["Right"]) == {"too few"}  # 30 faces are needed


@pytest.mark.slow
def test_groups_of_the_dataset_have_figures(open_page, model_home):
    app = open_page("models", model="tiny", dataset="said", split="train", view="groups", views="one")
    press(app, "Measure tiny on 70 images")
    wait_for_jobs(model_home)
    table = rerun(app).dataframe[0].value
    assert set(table["Faces"]) == {35}
    report = evaluate_model(find_model("tiny"), open_dataset("said").view(), "train", views="one")
    for row in report["groups"]["rows"]:
        (shown,) = table["Right"][table["Group"] == row["group"]]
        assert shown.startswith(f"{100 * row['accuracy']:.1f} % (")
    worst = min(report["groups"]["rows"], key=lambda row: row["accuracy"])
    app.selectbox(key="groups-group").select(worst["group"])
    wrong = 35 - round(35 * worst["accuracy"])
    assert f"{wrong} of 35 faces are named wrongly" in _texts(rerun(app))


@pytest.mark.slow
def test_models_are_measured_and_compared_and_stand_in_the_url(open_page, model_home):
    app = open_page("models", model="tiny", dataset="small", view="compare", views="one")
    assert "Choose at least one more model." in _texts(app)
    app.multiselect(key="compare-with").set_value(["other"])
    press(rerun(app), "Measure tiny, other on 21 images")
    wait_for_jobs(model_home)
    comparison = compare_models([find_model("tiny"), find_model("other")], open_dataset("small"), "test", views="one")
    shared = {"model": "tiny", "dataset": "small", "view": "compare", "views": "one", "with": "other"}
    for page in (rerun(app), open_page("models", **shared)):
        models, pairs = page.dataframe[0].value, page.dataframe[1].value
        assert list(models["Model"]) == ["tiny", "other"]
        (pair,) = comparison.report["pairs"]
        assert (pairs["Only first right"][0], pairs["Only second right"][0]) == (
            pair["only_first"],
            pair["only_second"],
        )
        assert f"They disagree on {comparison.report['num_disagreements']} of 21 faces" in _texts(page)
    assert comparison.report["num_disagreements"] > 0
    page.selectbox(key="compare-faces").select("Nobody is right")
    assert rerun(page).query_params["with"] == "other"


@pytest.mark.slow
def test_flips_are_told_beside_faces_in_every_state(open_page, model_home):
    app = press(open_page("models", model="tiny", dataset="small", view="robustness"), "Measure on 21 damaged faces")
    wait_for_jobs(model_home)
    report = read_cached_robustness(find_model("tiny"), open_dataset("small"), "test")
    app = rerun(app)
    table = app.dataframe[1].value
    rows = report["counterfactuals"]["rows"]
    assert list(table["Right"]) == pytest.approx([100 * row["accuracy"] for row in rows])
    assert table["Called otherwise"][4].startswith(f"{100 * rows[4]['flipped']:.1f} % (")
    labels = [caption.value for caption in app.caption if caption.value.startswith("Labelled")]
    assert len(labels) == 6
    assert len(set(labels)) == 3
    assert len(app.get("image")) == 3 * (5 + 6)
