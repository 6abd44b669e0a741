from typing import Any

import numpy as np
import pytest


def make_stream(num_images: int, batch_size: int = 4, seed: int = 0) -> Any:
    from fer_core.training.fitting.stream import TrainingStream

    images = np.arange(num_images, dtype=np.uint8).reshape(-1, 1, 1, 1)
    return TrainingStream(images, np.eye(num_images, dtype=np.float32), batch_size=batch_size, seed=seed)


def numbers(stream: Any, epoch: int) -> list[list[int]]:
    stream.start_epoch(epoch)
    return [stream[number][0].ravel().tolist() for number in range(len(stream))]


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    first, second = make_stream(20), make_stream(20)
    numbers(first, 0)
    assert numbers(first, 3) == numbers(second, 3)
    assert numbers(first, 3) != numbers(first, 4)
    assert numbers(first, 3) != numbers(make_stream(20, seed=1), 3)


@pytest.mark.parametrize(
    ("num_images", "num_batches", "size"),
    [
        pytest.param(8, 2, 4, id="even"),
        pytest.param(9, 3, 4, id="last-one-filled-up"),
        pytest.param(3, 1, 3, id="fewer-than-a-batch"),
    ],
)
def test_every_picture_comes_and_every_batch_is_full(num_images: int, num_batches: int, size: int) -> None:
    stream = make_stream(num_images)
    batches = numbers(stream, 1)
    assert [len(batch) for batch in batches] == [size] * num_batches
    assert {number for batch in batches for number in batch} == set(range(num_images))
    assert all(stream[0][1].argmax(axis=1) == stream[0][0].ravel())


def test_fit_is_given_the_epochs_batches_and_never_waits_for_tensorflows_tuning() -> None:
    from fer_core.training.fitting.stream import as_fit_input

    stream = make_stream(9)
    expected = numbers(stream, 2)
    given = as_fit_input(stream)
    assert [np.asarray(images).ravel().tolist() for images, _ in given] == expected
    assert len(given) == 3
    assert given.options().autotune.enabled is False
