import numpy as np
import pytest


@pytest.fixture
def batch():
    """Labels (6, 4) one-hot, probabilities (6, 4), and a teacher's (6, 4)."""
    rng = np.random.default_rng(0)
    labels = np.eye(4, dtype=np.float32)[rng.integers(0, 4, 6)]
    return labels, *(rng.dirichlet(np.ones(4), 6).astype(np.float32) for _ in range(2))


@pytest.mark.parametrize("counts", [[10, 30, 60], [5, 5, 5], [1, 0, 9]], ids=["uneven", "even", "one empty"])
def test_class_weights_are_the_inverse_share_and_one_on_average_over_the_pictures(counts: list[int]) -> None:
    from fer_core.training.fitting.losses import class_weights

    weights = class_weights(np.array(counts))
    present = np.array(counts) > 0
    assert np.allclose((weights * counts)[present], sum(counts) / present.sum())
    assert np.isclose(np.sum(weights * counts) / sum(counts), 1.0)
    assert (weights[~present] == 0).all()


def test_cross_entropy_is_the_one_of_keras(batch) -> None:
    import keras

    from fer_core.training.fitting.losses import cross_entropy, smooth_labels

    labels, probabilities, _ = batch
    ours = cross_entropy(smooth_labels(labels, 0.1), probabilities)
    theirs = keras.losses.categorical_crossentropy(labels, probabilities, label_smoothing=0.1)
    assert np.allclose(ours, theirs, atol=1e-5)


def test_focal_loss_with_focusing_zero_is_cross_entropy(batch) -> None:
    from fer_core.training.fitting.losses import cross_entropy

    labels, probabilities, _ = batch
    assert np.array_equal(cross_entropy(labels, probabilities, focusing=0.0), cross_entropy(labels, probabilities))


def test_focal_loss_is_the_formula_of_its_paper(batch) -> None:
    from fer_core.training.fitting.losses import cross_entropy

    labels, probabilities, _ = batch
    of_the_truth = (labels * probabilities).sum(axis=1)
    expected = -((1 - of_the_truth) ** 2) * np.log(of_the_truth)
    assert np.allclose(cross_entropy(labels, probabilities, focusing=2.0), expected, atol=1e-5)


def test_distillation_is_the_divergence_of_the_softened_opinions_times_the_temperature_squared(batch) -> None:
    from fer_core.training.fitting.losses import distillation_loss

    _, student, teacher = batch
    soft_student, soft_teacher = (p ** (1 / 3.0) / (p ** (1 / 3.0)).sum(axis=1, keepdims=True) for p in batch[1:])
    expected = 9.0 * (soft_teacher * np.log(soft_teacher / soft_student)).sum(axis=1)
    assert np.allclose(distillation_loss(teacher, student, 3.0), expected, atol=1e-5)
    assert np.allclose(distillation_loss(student, student, 3.0), 0.0, atol=1e-6)


def test_a_picture_that_is_surely_wrong_still_has_a_gradient() -> None:
    import tensorflow as tf

    from fer_core.training.fitting.losses import cross_entropy

    logits = tf.Variable([[40.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = cross_entropy(np.array([[0.0, 1.0]], np.float32), tf.nn.softmax(logits))
    assert np.allclose(tape.gradient(loss, logits), [[1.0, -1.0]], atol=1e-3)


def test_blending_pairs_the_first_with_the_last() -> None:
    from fer_core.training.fitting.losses import blend_with_reversed

    rows = np.array([[0.0], [1.0], [8.0]], np.float32)
    assert np.allclose(blend_with_reversed(rows, 0.75), [[2.0], [1.0], [6.0]])
