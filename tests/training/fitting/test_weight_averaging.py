from typing import Any

import numpy as np
import pytest


def build() -> Any:
    import keras

    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1), keras.layers.BatchNormalization()])


def set_all(model: Any, value: float) -> None:
    model.set_weights([np.full_like(weight, value) for weight in model.get_weights()])


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        pytest.param(0.999, [0.9, 0.9 + 0.1 * 9 / 11], id="early-the-decay-is-lower"),
        pytest.param(0.05, [0.95, 0.9975], id="never-above-the-wanted"),
    ],
)
def test_weights_and_statistics_are_averaged_alike(decay: float, expected: list[float]) -> None:
    from fer_core.training.fitting.weight_averaging import WeightAveraging

    network, averaged = build(), build()
    set_all(averaged, 0.0)
    set_all(network, 1.0)
    averaging = WeightAveraging(network, averaged, decay=decay)
    for value in expected:
        averaging.on_train_batch_end(0)
        for weight in averaged.get_weights():
            assert np.allclose(weight, value, atol=1e-6)
    assert len(averaged.get_weights()) == 6  # kernel, bias, gamma, beta, mean, variance
