from typing import Any

import numpy as np
import pytest

from fer_core.training import TrainConfig

STEPS = 10


def rates(epochs: int, at: list[int], **changes: Any) -> list[float]:
    """The learning rate at some steps of a training's only phase."""
    from fer_core.training.fitting.optimization import make_optimizer, plan_phases

    config = TrainConfig("any", epochs=epochs, learning_rate=1.0, **changes)
    (phase,) = plan_phases(config)
    optimizer = make_optimizer(config, phase, steps=STEPS)
    found = []
    for step in at:
        optimizer.iterations.assign(step)
        found.append(float(np.asarray(optimizer.learning_rate)))
    return found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"schedule": "cosine", "warm_up_epochs": 2}, [0.0, 0.5, 1.0, 0.5, 0.0], id="cosine"),
        pytest.param({"schedule": "constant", "warm_up_epochs": 2}, [0.0, 0.5, 1.0, 1.0, 1.0], id="constant"),
        pytest.param({"schedule": "constant", "warm_up_epochs": 0}, [1.0] * 5, id="no-warm-up"),
        pytest.param({"schedule": "cosine", "warm_up_epochs": 1000}, [0.0, 0.5, 1.0, 0.5, 0.0], id="a-tenth-at-most"),
    ],
)
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_rate_follows_the_schedule(optimizer: str, changes: dict[str, Any], expected: list[float]) -> None:
    at = [0, 10, 20, 110, 200]  # of 200 steps, 20 of them warm-up
    assert rates(20, at, optimizer=optimizer, **changes) == pytest.approx(expected, abs=1e-6)


def test_biases_and_batch_norm_do_not_decay() -> None:
    import keras

    from fer_core.training.fitting.optimization import make_optimizer, plan_phases

    config = TrainConfig("any", learning_rate=0.1, weight_decay=0.5, schedule="constant", warm_up_epochs=0)
    layers = [keras.layers.Dense(2, bias_initializer="ones"), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((3,)), *layers])
    before = [weight.copy() for weight in model.get_weights()]
    optimizer = make_optimizer(config, plan_phases(config)[0], steps=STEPS)
    optimizer.apply(
        [np.zeros(variable.shape, np.float32) for variable in model.trainable_variables], model.trainable_variables
    )
    shares = [after.sum() / earlier.sum() for after, earlier in zip(model.get_weights()[:3], before, strict=False)]
    assert shares == pytest.approx([0.95, 1.0, 1.0], abs=1e-5)  # kernel, bias, gamma


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"epochs": 10}, [("all", 0, 10, 1.0)], id="from-scratch"),
        pytest.param({"epochs": 10, "from_model": "m"}, [("head", 0, 3, 1.0), ("all", 3, 7, 0.1)], id="two-phases"),
        pytest.param({"epochs": 1, "from_model": "m"}, [("all", 0, 1, 0.1)], id="no-room-for-a-head"),
        pytest.param({"epochs": 10, "from_model": "m", "head_epochs": 0}, [("all", 0, 10, 0.1)], id="no-head-wanted"),
    ],
)
def test_the_phases_add_up_to_the_epochs(changes: dict[str, Any], expected: list[tuple[str, int, int, float]]) -> None:
    from fer_core.training.fitting.optimization import plan_phases

    phases = plan_phases(TrainConfig("any", learning_rate=1.0, **changes))
    found = [(phase.name, phase.first_epoch, phase.num_epochs, phase.learning_rate) for phase in phases]
    assert found == [(*row[:3], pytest.approx(row[3])) for row in expected]


def test_the_rate_falls_to_a_tenth_whenever_a_plateau_lasts() -> None:
    from fer_core.training.fitting.optimization import PLATEAU_EPOCHS, Phase, Plateau

    plateau = Plateau(Phase("all", 0, 100, 1.0), warm_up_epochs=1)
    assert [plateau.rate(epoch) for epoch in range(3)] == [0.5, 1.0, 1.0]
    found = []
    for is_better in [True, *[False] * PLATEAU_EPOCHS, True, *[False] * PLATEAU_EPOCHS]:
        plateau.judge(is_better=is_better)
        found.append(round(plateau.rate(50), 6))
    assert found == [*[1.0] * PLATEAU_EPOCHS, *[0.1] * (PLATEAU_EPOCHS + 1), 0.01]
