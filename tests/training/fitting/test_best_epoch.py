import json

import pytest

from fer_core.training.runs.epoch_records import EpochRecord


def best_of(metric: str, accuracies: list[float], losses: list[float]):
    from fer_core.training.fitting.best_epoch import BestEpoch
    from fer_core.training.fitting.validation import EpochScore

    best = BestEpoch(metric)
    for epoch, (accuracy, loss) in enumerate(zip(accuracies, losses, strict=True), start=1):
        metrics = {"val_accuracy": accuracy, "val_loss": loss, "val_macro_f1": 1 - accuracy}
        best.offer(epoch, EpochScore(metrics, EpochRecord(epoch, [], {}, {}, [])))
    return best


@pytest.mark.parametrize(
    ("metric", "accuracies", "losses", "best_epoch", "num_waited"),
    [
        pytest.param("val_accuracy", [0.2, 0.5, 0.4], [2.0, 1.0, 0.9], 2, 1, id="not-the-last"),
        pytest.param("val_accuracy", [0.5, 0.5, 0.5], [1.0, 0.8, 0.9], 2, 1, id="tie-goes-to-the-lower-loss"),
        pytest.param("val_accuracy", [0.0, 0.0], [3.0, 3.5], 1, 1, id="even-zero-is-kept"),
        pytest.param("val_loss", [0.6, 0.5, 0.4], [1.0, 0.8, 0.9], 2, 1, id="lowest-loss"),
        pytest.param("val_macro_f1", [0.6, 0.5, 0.4], [1.0, 0.8, 0.9], 3, 0, id="highest-macro-f1"),
    ],
)
def test_the_best_epoch_goes_by_the_chosen_metric(
    metric: str, accuracies: list[float], losses: list[float], best_epoch: int, num_waited: int
) -> None:
    best = best_of(metric, accuracies, losses)
    assert (best.epoch, best.num_waited) == (best_epoch, num_waited)
    assert best.accuracy == accuracies[best_epoch - 1]


def test_it_survives_json() -> None:
    from fer_core.training.fitting.best_epoch import BestEpoch

    best = best_of("val_loss", [0.5, 0.4], [1.0, 1.5])
    assert BestEpoch.from_dict(json.loads(json.dumps(best.to_dict()))) == best
    assert BestEpoch("val_loss") == BestEpoch.from_dict(BestEpoch("val_loss").to_dict())
