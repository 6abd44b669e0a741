import shlex

import pandas as pd
import pytest

from fer_core.dataset.sources.label_mapping import map_labels, parse_label_map, require_two_classes
from fer_core.errors import DatasetError, UnknownLabelsError


def pictures(*labels: str) -> pd.DataFrame:
    return pd.DataFrame({"path": [f"{number}.png" for number in range(len(labels))], "label": labels})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0=angry,1=disgust", {"0": "angry", "1": "disgust"}),
        (" a = b , c=", {"a": "b", "c": ""}),
        ("喜び=happy", {"喜び": "happy"}),
        (r"a\,b=c\=d", {"a,b": "c=d"}),
        ("a=b,a=b", {"a": "b"}),
    ],
)
def test_a_map_is_read_from_one_word(text: str, expected: dict[str, str]) -> None:
    assert parse_label_map(text) == expected


@pytest.mark.parametrize("text", ["", "angry", "=angry", "a=b,", "a=b=c", "a=b,a=c"])
def test_a_map_that_is_none_says_so(text: str) -> None:
    with pytest.raises(DatasetError):
        parse_label_map(text)


def test_published_spellings_need_no_map_and_merge() -> None:
    table = map_labels(pictures("anger", "Angry", "0_angry", "joy"))
    assert list(table["label"]) == ["angry", "angry", "angry", "happy"]


def test_unknown_labels_are_listed_with_counts_and_a_map_to_copy() -> None:
    source = pictures("bored", "bored", "suprise", "happy", "day dream")
    with pytest.raises(UnknownLabelsError) as caught:
        map_labels(source)
    assert caught.value.labels == {"bored": 2, "day dream": 1, "suprise": 1}
    assert caught.value.suggestions["suprise"] == "surprise"
    assert "'bored' (2)" in str(caught.value)
    words = shlex.split(str(caught.value).split("--map ")[1])
    label_map = parse_label_map(words[0].removesuffix(","))
    assert label_map == {"bored": "bored", "day dream": "day dream", "suprise": "surprise"}
    assert list(map_labels(source, label_map)["label"]) == ["bored", "bored", "surprise", "happy", "day dream"]


def test_numbers_are_never_guessed_and_the_placeholder_is_no_name() -> None:
    with pytest.raises(UnknownLabelsError, match=r"--map '0=\?,1=\?'") as caught:
        map_labels(pictures("0", "1"))
    assert caught.value.suggestions == {"0": "", "1": ""}
    with pytest.raises(DatasetError, match=r"cannot be the name of the label '0'"):
        map_labels(pictures("0", "1"), {"0": "?", "1": "?"})


@pytest.mark.parametrize(
    ("label_map", "expected"),
    [
        pytest.param({"0": "anger", "1": "happy"}, ["angry", "happy", "sad"], id="names-pass-the-table"),
        pytest.param({"0": "sad", "1": "happy"}, ["sad", "happy", "sad"], id="merged"),
        pytest.param({"0": "0", "1": "1"}, ["0", "1", "sad"], id="kept"),
        pytest.param({"0": "", "1": "happy"}, ["happy", "sad"], id="left-out"),
        pytest.param({"0": "angry", "1": "angry", "sadness": "blue"}, ["angry", "angry", "blue"], id="over-the-table"),
    ],
)
def test_the_map_goes_before_the_table(label_map: dict[str, str], expected: list[str]) -> None:
    table = map_labels(pictures("0", "1", "sadness"), label_map)
    assert list(table["label"]) == expected
    assert list(table.index) == list(range(len(expected)))


@pytest.mark.parametrize(
    ("label_map", "said"),
    [
        pytest.param({"hapy": "happy"}, "'hapy', which does not occur", id="typo"),
        pytest.param({"happy": "x" * 81}, "cannot be the name", id="too-long"),
        pytest.param({"happy": "a\nb"}, "cannot be the name", id="two-lines"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(label_map: dict[str, str], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        map_labels(pictures("happy", "sad"), label_map)


def test_a_map_may_leave_one_class_but_a_dataset_needs_two() -> None:
    one_class = map_labels(pictures("happy", "sad"), {"happy": "sad"})
    with pytest.raises(DatasetError, match="Fewer than two classes are left: 'sad'"):
        require_two_classes(one_class)
    assert len(require_two_classes(pictures("happy", "sad"))) == 2


def test_many_unknown_labels_make_no_endless_sentence() -> None:
    with pytest.raises(UnknownLabelsError) as caught:
        map_labels(pictures(*(f"person {number}" for number in range(5000))))
    assert len(str(caught.value)) < 4000
    assert len(caught.value.labels) == 5000
