"""Lock files lie where they guard, or on this computer where that place knows no locks."""

import filelock
import pytest

from fer_core import locks


def test_a_place_with_locks_keeps_its_lock_file(tmp_path):
    assert locks.lockable(tmp_path / "a.lock") == tmp_path / "a.lock"


def test_without_locks_there_is_one_stand_in_for_a_file_however_it_is_spelled(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_has_locks", {tmp_path.stat().st_dev: False})
    monkeypatch.setattr(locks.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    stand_in = locks.lockable(tmp_path / "home" / "a.lock")
    assert stand_in.parent.parent == tmp_path
    assert stand_in.parent.stat().st_mode & 0o077 == 0
    assert locks.lockable(tmp_path / "link" / "a.lock") == stand_in
    assert locks.lockable(tmp_path / "home" / "b.lock") != stand_in
    with filelock.FileLock(stand_in), pytest.raises(filelock.Timeout):
        filelock.FileLock(locks.lockable(tmp_path / "home" / "a.lock"), timeout=0, thread_local=False).acquire()


def test_a_folder_that_is_not_there_is_left_to_whoever_locks_it(tmp_path):
    assert locks.lockable(tmp_path / "nowhere" / "a.lock") == tmp_path / "nowhere" / "a.lock"
