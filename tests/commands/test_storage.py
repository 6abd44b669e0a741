"""The commands `storage push | pull | list`."""

import pytest

from fer_core.dataset import open_dataset


@pytest.fixture
def place(run, faces, tmp_path):
    run("dataset", "add", faces, "--name", "small")
    return tmp_path / "place"


def test_push_list_and_pull(run, place, tmp_path, monkeypatch):
    code, output, _ = run("storage", "push", place, "--dry-run")
    assert code == 0
    assert "would_move" in output
    assert not place.exists()
    assert run("storage", "push", place, "small", "--only", "datasets")[0] == 0
    code, output, _ = run("storage", "list", place)
    fingerprint = open_dataset("small").index.fingerprint
    assert code == 0
    assert "datasets" in output
    assert fingerprint[:12] in output
    monkeypatch.setenv("FER_HOME", str(tmp_path / "second"))
    code, output, _ = run("storage", "pull", place)
    assert code == 0
    assert open_dataset("small").index.fingerprint == fingerprint


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param(["push", "{place}", "nothing"], 1, "There is no 'nothing'", id="unknown-name"),
        pytest.param(["pull", "{place}"], 0, "nothing to move", id="empty-place"),
        pytest.param(["list", "{place}"], 0, "nothing at this address", id="empty-list"),
        pytest.param(["list", "sftp://me:hush@host/x"], 1, "rclone config", id="no-door"),
        pytest.param(["push"], 2, "ADDRESS", id="no-address"),
        pytest.param(["pull", "{place}", "--only", "pictures"], 2, "invalid choice", id="no-kind"),
    ],
)
def test_what_cannot_be_done_is_said(run, place, words, code, message):
    found, output, errors = run("storage", *[word.format(place=place) for word in words])
    assert found == code
    assert message in " ".join((output + errors).split())
    assert "hush" not in output + errors


def test_one_that_cannot_be_pushed_is_named_beside_those_that_were(run, place):
    from fer_core.settings import load_settings

    run("dataset", "add", open_dataset("small").files_folder, "--name", "other")
    (load_settings().datasets_folder / "other" / "index.json").unlink()
    code, output, errors = run("storage", "push", place)
    assert code == 1
    assert "small" in output
    assert "datasets/other" in errors
