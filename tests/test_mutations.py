"""Damaged pictures and archives are taken or refused with a sentence, whichever door they come in by."""

import numpy as np
import pytest

from tests.mutations import damaged, pictures, samples, sweep


def test_the_sweep_sees_what_it_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(file):
        raise KeyError("x")

    monkeypatch.setattr("tests.mutations.samples", lambda: {"one": (pictures()["PNG"], ".png", (broken,))})
    (finding,) = sweep(1, seed=0)
    assert finding.what == "KeyError: 'x'"


def test_every_kind_is_readable_before_it_is_damaged(tmp_path) -> None:
    for name, (content, suffix, doors) in samples().items():
        if name != "HEIC":  # its decoder is optional
            file = tmp_path / f"whole{suffix}"
            file.write_bytes(content)
            for door in doors:
                door(file)


@pytest.mark.slow
def test_damaged_files_are_answered() -> None:
    assert list(sweep(200, seed=1)) == []


def test_damage_is_the_same_for_a_seed() -> None:
    content = pictures()["JPEG"]
    first, again, other = (damaged(content, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again != other
