import time
from dataclasses import replace

import pytest

from fer_app.training.run_progress import progress_facts, score_text
from fer_core.jobs import JobStatus

DETAILS = {
    "phase": "training",
    "epoch": 3,
    "epochs": 5,
    "step": 4,
    "steps": 10,
    "images_per_second": 412.3,
    "device": "CPU, 2 cores",
    "best_epoch": 2,
    "best_score": 0.61,
    "selection_metric": "val_macro_f1",
}


def _status(state="running", **changes) -> JobStatus:
    now = time.time()
    details = {**DETAILS, **changes}
    return JobStatus(
        state,
        "Training x",
        done=24,
        total=50,
        details=details,
        started_at=now - 100,
        heartbeat_at=now,
        progress_from=0,
        progress_since=now - 24,
        progress_at=now,
    )


def _figures(facts) -> dict[str, tuple[str, str]]:
    return {figure["label"]: (figure["value"], figure["note"]) for figure in facts["figures"]}


def test_a_training_tells_how_far_it_is_and_its_best_so_far():
    facts = progress_facts(_status())
    assert facts["phase"] == "Training all layers"
    assert [bar["label"] for bar in facts["bars"]] == ["Epoch 3 of 5: step 4 of 10", "All epochs: 48 %"]
    assert [bar["share"] for bar in facts["bars"]] == [0.4, 0.48]
    assert _figures(facts) == {
        "Best validation macro-F1": ("61.0 %", "epoch 2"),
        "Time left": ("about 26 s", ""),
        "Speed": ("412 images/s", ""),
    }
    assert facts["sentence"] == "Running for 1 min 40 s on CPU, 2 cores."


@pytest.mark.parametrize(
    ("state", "changes", "phase", "num_bars"),
    [
        ("running", {"phase": "preparing"}, "Preparing the data", 0),
        ("running", {"phase": "training head"}, "Training the classifier only", 2),
        ("running", {"phase": "reading the test split"}, "Reading the test split", 0),
        ("running", {"epoch": 0}, "Training all layers", 0),
        ("stopping", {}, "Stopping after this step; the best model so far is kept", 2),
    ],
    ids=["preparing", "head", "unknown to the page", "before the first step", "stopping"],
)
def test_each_phase_has_its_words(state, changes, phase, num_bars):
    facts = progress_facts(_status(state, **changes))
    assert (facts["phase"], len(facts["bars"])) == (phase, num_bars)


def test_a_process_that_says_nothing_is_named_as_silent():
    facts = progress_facts(replace(_status(), heartbeat_at=time.time() - 40))
    assert "; no sign of life for 40 s." in facts["sentence"]


def test_before_the_first_epoch_there_is_no_best():
    facts = progress_facts(JobStatus("starting", "Training x", started_at=time.time()))
    assert _figures(facts)["Best validation accuracy"] == ("–", "after the first epoch")
    assert facts["bars"] == []


def test_a_run_of_an_earlier_version_goes_by_its_accuracy():
    facts = progress_facts(_status(best_score=None, best_val_accuracy=0.5), "val_loss")
    assert _figures(facts)["Best validation accuracy"] == ("50.0 %", "epoch 2")


@pytest.mark.parametrize(
    ("score", "metric", "text"),
    [(0.625, "val_accuracy", "62.5 %"), (1.2041, "val_loss", "1.204"), (None, "val_loss", "–")],
)
def test_a_score_is_written_in_its_unit(score, metric, text):
    assert score_text(score, metric) == text
