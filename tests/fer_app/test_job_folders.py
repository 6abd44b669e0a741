"""Tests of where a page's job lies."""

import hashlib
from pathlib import Path

import pytest

from fer_app.job_folders import job_folder_of
from fer_core.settings import load_settings


def test_a_job_of_an_earlier_version_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_HOME", str(tmp_path))
    digest = hashlib.sha256(b"a model\nfaces").hexdigest()[:16]
    assert job_folder_of("read", "a model", "faces") == load_settings().jobs_folder / f"read-{digest}"


def test_other_choices_have_other_folders() -> None:
    assert len({job_folder_of("read", *parts) for parts in (("a", "b"), ("b", "a"), ("a",), ("a", "b", ""))}) == 4
