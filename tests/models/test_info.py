import json
from dataclasses import asdict
from typing import Any

import pytest

from fer_core.errors import ModelError
from fer_core.models.info import FORMAT_VERSION, parse_info
from tests.models.networks import make_info


def test_what_is_written_reads_back_the_same() -> None:
    info = make_info(class_names=["joy", "sorrow"], channels=3)
    assert parse_info(json.dumps(asdict(info)).encode()) == info
    assert info.class_names == ("joy", "sorrow")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "../elsewhere", "letters, digits"),
        ("name", "", "letters, digits"),
        ("architecture", " ", "not empty"),
        ("licence", 3, "not empty"),
        ("class_names", ("happy",), "at least two different"),
        ("class_names", ("happy", "happy"), "at least two different"),
        ("class_names", ("happy", ""), "at least two different"),
        ("class_names", "happy", "at least two different"),
        ("input_size", 0, "at least 1"),
        ("input_size", True, "at least 1"),
        ("num_parameters", 1.5, "at least 1"),
        ("channels", 4, r"1 \(grey\) or 3"),
        ("temperature", {"one": 1.0}, "each of one, all"),
        ("temperature", {"one": 1.0, "all": 0.0}, "each of one, all"),
        ("temperature", {"one": 1.0, "all": float("nan")}, "each of one, all"),
        ("unsure_threshold", {"one": 0.5, "all": 1.5}, "from 0 to 1"),
        ("training_data", {"dataset": "drawn"}, "fingerprint"),
        ("metrics", {"test": 0.5}, "figures for each split"),
        ("metrics", {"test": {"accuracy": "high"}}, "figures for each split"),
        ("digests", {"model.keras": None}, "sha256"),
        ("created_at", "yesterday", "ISO 8601"),
        ("created_at", "2026-01-01T00:00:00", "time zone"),
    ],
)
def test_an_odd_value_is_named_with_what_was_expected(field: str, value: Any, expected: str) -> None:
    with pytest.raises(ModelError, match=rf"(?s){field} is .*{expected}"):
        make_info(**{field: value})


def _text(**changes: Any) -> bytes:
    return json.dumps(asdict(make_info()) | changes).encode()


def _without(name: str) -> bytes:
    return json.dumps({key: value for key, value in asdict(make_info()).items() if key != name}).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(_text()[:-20], "not JSON", id="cut off"),
        pytest.param(b"\xff\xfe\x00", "not JSON", id="no text"),
        pytest.param(b"[]", "holds a list", id="a list"),
        pytest.param(_without("temperature"), "lacks temperature", id="a field missing"),
        pytest.param(_without("format_version"), "format_version is None", id="no version"),
        pytest.param(_text(format_version="1"), "format_version is '1'", id="version as text"),
        pytest.param(_text(format_version=FORMAT_VERSION + 1), "Update the program", id="newer"),
        pytest.param(_text(class_names=None), "class_names is None", id="no classes"),
    ],
)
def test_a_damaged_file_gives_a_sentence(text: bytes, expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        parse_info(text)


def test_unknown_fields_are_left_alone() -> None:
    assert parse_info(_text(remark="from a later release")) == make_info(created_at=parse_info(_text()).created_at)
