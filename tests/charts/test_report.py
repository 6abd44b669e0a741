"""The report says what the card says, loads nothing from anywhere, and shows names as they are."""

import io
import re
import zipfile
from html.parser import HTMLParser

import pandas as pd
import pytest

from fer_core.charts.report import card_with_figures, html_report, zip_card
from fer_core.charts.report.figures import figures_of
from fer_core.charts.static import group_intervals, robustness_curves, to_bytes
from fer_core.evaluation.full_report import full_report
from fer_core.evaluation.groups import group_report
from fer_core.models.card import write_card
from tests.evaluation.test_metrics import make_predictions
from tests.models.networks import make_info

PNG = b"\x89PNG"
INFO = make_info()
WITHOUT_CURVES = {"reliability": None, "risk_coverage": None}  # fewer figures to wait for
WITHOUT_FIGURES = WITHOUT_CURVES | {"per_class": [], "class_names": [], "confusion": []}
ROBUSTNESS = {
    "kind": "robustness", "dataset": "mine", "split": "test", "views": "one", "seed": 3, "num_images": 1000,
    "accuracy": 0.7, "accuracy_ci": [0.67, 0.73],
    "rows": [
        {"kind": kind, "title": kind.title(), "unit": "pixels", "strength": strength, "accuracy": 0.5,
         "accuracy_ci": [0.47, 0.53], "drop": 0.2}
        for kind in ("blur", "shift", "noise", "dark", "scale") for strength in (1.0, 2.0)
    ],
}  # fmt: skip


def evaluation(class_names=None, **changes):
    y_true, y_prob = make_predictions(num_images=200)
    names = make_info().class_names if class_names is None else class_names
    report = full_report(y_true, y_prob, names)
    return report | {
        "dataset": "mine", "split": "test", "views": "all", "fingerprint": "f" * 64, "num_unreadable": 0,
        "unsure_threshold": 0.4, "without_leaks": None,
    } | changes  # fmt: skip


class Page(HTMLParser):
    """What a page consists of: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page():
    return Page(html_report(INFO, [evaluation(), ROBUSTNESS]))


def test_the_page_needs_nothing_but_itself(page):
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in page.tags}
    addresses = [attributes[name] for _, attributes in page.tags for name in ("src", "href") if name in attributes]
    assert addresses
    assert all(each.startswith(("data:image/svg+xml;base64,", "#part-")) for each in addresses)
    (policy,) = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    assert policy.startswith("default-src 'none'")
    style = "".join(page.text).partition("<title>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_each_measurement_has_its_figures_with_words_for_those_who_do_not_see_them(page):
    assert len(page.all("img")) == 4 + 1
    assert all(len(each["alt"]) > 20 for each in page.all("img"))
    ids = {attributes["id"] for attributes in page.all("section")}
    assert ids == {each["href"].removeprefix("#") for each in page.all("a")}


def test_the_page_says_every_word_of_the_card(page):
    reports = [evaluation(), ROBUSTNESS]
    words = re.findall(r"[\w.,%()-]+", re.sub(r"[*`#|]|\\", " ", write_card(INFO, reports)))
    said = " ".join("".join(page.text).split())
    assert [word for word in words if word.strip("-") and word not in said] == []


def test_the_main_figures_stand_on_top():
    reports = [evaluation(split="train", accuracy=0.9) | WITHOUT_FIGURES, evaluation(accuracy=0.625) | WITHOUT_FIGURES]
    top = html_report(make_info(), reports).partition("<nav")[0]
    assert "<b>62.5 %</b><span>Accuracy</span>" in top
    assert "90.0 %" not in top
    reports[1]["without_leaks"] = evaluation() | {"accuracy": 0.5, "num_images": 150}
    assert "<b>50.0 %</b><span>Without leaks</span>" in html_report(make_info(), reports).partition("<nav")[0]


def test_without_a_measurement_there_is_still_a_report():
    page = Page(html_report(make_info(metrics={})))
    assert not page.all("img")
    assert "Not measured yet." in "".join(page.text)


NAMES = ("<script>alert(1)</script>", "![x](http://example.org/x.png)", "a|b", r"$\frac{", "<img src=x onerror=y>")


def test_hostile_names_are_text():
    names = (*NAMES, "happy", "sad")
    info = make_info(class_names=names, licence='"><script>x</script>\n[a](javascript:x)', architecture="</style><b>")
    strange = {"dataset": "<b>x</b>", "split": '"><img src=y>'}
    hostile = Page(html_report(info, [evaluation(names, **strange, **WITHOUT_CURVES)]))
    plain = Page(html_report(INFO, [evaluation(**WITHOUT_CURVES)]))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    text = "".join(hostile.text)
    assert all(name in text for name in NAMES)


def test_a_report_that_lacks_something_goes_without_its_figure():
    names = [kind.name for kind in figures_of(evaluation(reliability=None, risk_coverage=None))]
    assert names == ["confusion", "classes"]
    assert figures_of({"kind": "of tomorrow"}) == []


def test_the_card_shows_the_pictures_that_lie_beside_it():
    text, files = card_with_figures(INFO, [evaluation(), ROBUSTNESS], folder="my figures")
    shown = re.findall(r"!\[[^]]+\]\(my%20figures/([\w.-]+)\)", text)
    assert sorted(shown) == sorted(files)
    assert len(files) == 5
    assert all(picture.startswith(PNG) for picture in files.values())
    without = re.sub(r"!\[.*\n", "", text)
    assert without.split() == write_card(INFO, [evaluation(), ROBUSTNESS]).split()


def test_the_zip_holds_the_card_and_what_it_shows():
    with zipfile.ZipFile(io.BytesIO(zip_card(make_info(), [ROBUSTNESS]))) as archive:
        text = archive.read("model-card.md").decode()
        (name,) = [name for name in archive.namelist() if name.startswith("figures/")]
    assert f"({name})" in text


def test_each_damage_has_a_curve_of_its_own_scale():
    figure = robustness_curves(ROBUSTNESS)
    drawn = [axes for axes in figure.axes if axes.axison]
    assert [axes.get_title(loc="left") for axes in drawn] == ["Blur", "Shift", "Noise", "Dark", "Scale"]
    assert {axes.get_ylim() for axes in drawn} == {(0, 100)}
    assert to_bytes(figure, "svg").startswith(b"<?xml")


def test_groups_have_a_point_where_there_are_enough_faces():
    y_true, y_prob = make_predictions(num_images=200)
    metadata = pd.DataFrame({"age": ["young"] * 100 + ["$old$"] * 90 + ["<b>"] * 10})
    report = evaluation(groups=group_report(y_true, y_prob, metadata, INFO.class_names))
    assert [kind.name for kind in figures_of(report)][-1] == "groups"
    (axes,) = group_intervals(report).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(names) == ["age: $old$ (90)", "age: <b> (10)", "age: young (100)"]
    assert [text.get_text() for text in axes.texts] == ["too few faces"]
    drawn = {round(float(line.get_xdata()[0]), 6) for line in axes.containers for line in line[:1]}
    assert drawn == {round(100 * row["accuracy"], 6) for row in report["groups"]["rows"] if row["accuracy"] is not None}
    assert to_bytes(group_intervals(report), "svg")
