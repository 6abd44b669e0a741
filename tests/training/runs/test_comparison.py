import json
from pathlib import Path
from typing import Any

import pytest

from fer_core.errors import TrainingError
from fer_core.training.config import TrainConfig
from fer_core.training.runs.comparison import compare_runs

HISTORY = "epoch,val_loss,val_accuracy,val_macro_f1\n1,1.5,0.4,0.3\n2,1.25,0.5,0.45\n"


def _record(home: Path, name: str, **settings: Any) -> Path:
    folder = home / "runs" / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(TrainConfig("faces", **settings).to_dict()))
    details = {"best_epoch": 2, "best_val_accuracy": 0.5, "num_validation": 40}
    status = {"state": "completed", "title": name, "started_at": 100.0, "finished_at": 160.0, "details": details}
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "job.json").write_text("{}")
    (folder / "history.csv").write_text(HISTORY)
    return folder


def test_only_settings_that_differ_are_listed_and_results_have_their_denominators(fer_home: Path) -> None:
    _record(fer_home, "a", epochs=2, teacher="big")
    folder = _record(fer_home, "b", epochs=5)
    report = {"accuracy": 0.6, "macro_f1": 0.55, "num_images": 20}
    (folder / "test.json").write_text(json.dumps({"one": report, "all": report | {"accuracy": 0.65}}))
    found = compare_runs(["a", "b"])
    assert found.settings.to_dict("index") == {
        "Epochs": {"a": "2", "b": "5"},
        "Learn from the opinions of": {"a": "big", "b": "none"},
    }
    results = found.results.to_dict("index")
    assert results["Validation accuracy"] == {"a": "50.0 % of 40", "b": "50.0 % of 40"}
    assert results["Test accuracy"] == {"a": "–", "b": "65.0 % of 20"}
    assert results["Minutes"] == {"a": "1.0", "b": "1.0"}


def test_a_run_with_damaged_settings_takes_part_with_what_can_be_read(fer_home: Path) -> None:
    _record(fer_home, "a")
    (_record(fer_home, "b") / "config.json").write_text("{")
    found = compare_runs(["a", "b"])
    assert set(found.settings["b"]) == {"unknown"}
    assert found.results.loc["Best epoch", "b"] == "2"


@pytest.mark.parametrize("names", [[], ["a"], ["a", "a"], ["a", "gone"]], ids=str)
def test_what_cannot_be_compared_is_refused(fer_home: Path, names: list[str]) -> None:
    _record(fer_home, "a")
    with pytest.raises(TrainingError, match=r"at least two|no run"):
        compare_runs(names)
