import pytest

from fer_app.sharing.uploads import MAX_AT_ONCE, MAX_FILES, ROOM_FACTOR, TOTAL_FACTOR, UploadRoom
from fer_core.settings import load_settings

MEGABYTE = 1024**2


@pytest.fixture
def held():
    return {}


@pytest.fixture
def room(held):
    return UploadRoom(load_settings({"FER_MAX_UPLOAD_MB": "2"}), lambda: held)


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("0", None),
        (str(2 * MEGABYTE), None),
        (str(3 * MEGABYTE), 413),
        ("9" * 14, 413),
        ("9" * 5000, 411),
        (None, 411),
        ("-1", 411),
        ("1_000", 411),
        ("²", 411),
        ("", 411),
    ],
)
def test_a_file_needs_a_length_and_may_not_be_larger_than_the_limit(room, length, status):
    refusal = room.refusal("a", length)
    assert (refusal and refusal[0]) == status
    if status == 413:
        assert "2 MB" in refusal[1]


def test_a_tab_holds_so_many_files_and_bytes_and_no_more(room, held):
    held["a"] = (MAX_FILES, 10)
    assert "Remove some" in room.refusal("a", "1")[1]
    assert room.refusal("b", "1") is None
    held["a"] = (2, ROOM_FACTOR * 2 * MEGABYTE)
    assert room.refusal("a", "1")[0] == 413


def test_all_tabs_together_hold_so_much_and_no_more(room, held):
    for number in range(TOTAL_FACTOR):
        held[f"tab {number}"] = (1, 2 * MEGABYTE)
    assert room.refusal("new", "1")[0] == 503


def test_files_under_way_count(room):
    two = str(2 * MEGABYTE)
    comings = [room.coming("a", two) for _ in range(ROOM_FACTOR)]
    for coming in comings:
        coming.__enter__()
    assert room.refusal("a", two)[0] == 413
    assert room.refusal("b", two) is None
    for coming in comings:
        coming.__exit__(None, None, None)
    assert room.refusal("a", two) is None


def test_so_many_files_come_at_once_and_no_more(room):
    comings = [room.coming(f"tab {number}", "1") for number in range(MAX_AT_ONCE)]
    for coming in comings:
        coming.__enter__()
    assert room.refusal("new", "1")[0] == 503
    comings[0].__exit__(None, None, None)
    assert room.refusal("new", "1") is None
