from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fer_core.training import TrainConfig

SIDE, CLASSES = 32, 3
COUNTS = np.array([20, 10, 2])


def build(teacher: Any = None, *, channels: int = 1, **settings: Any) -> Any:
    """A compiled training model of a tiny network without dropout, and no augmentation unless asked for."""
    from fer_core.training.fitting.training_model import build_training_model

    config = TrainConfig(dataset="faces", **{"augmentation": "none", "crop_low": 1.0, "crop_high": 1.0, **settings})
    shape = (SIDE, SIDE, channels)
    model = build_training_model(config, linear_network(1, channels), shape, class_counts=COUNTS, teacher=teacher)
    model.compile(optimizer="sgd", metrics=["accuracy"])
    return model


def linear_network(seed: int, channels: int = 1) -> Any:
    """Mean of each picture, then a softmax layer: what it answers is known by hand."""
    import keras

    inputs = keras.Input((None, None, channels))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(inputs))
    start = keras.initializers.RandomNormal(stddev=3.0, seed=seed)
    head = keras.layers.Dense(CLASSES, activation="softmax", kernel_initializer=start, dtype="float32")
    return keras.Model(inputs, head(x))


@pytest.fixture
def images() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (8, 1, 1, 1), np.uint8).repeat(SIDE, 1).repeat(SIDE, 2)


@pytest.fixture
def labels() -> npt.NDArray[np.float32]:
    """(8, 3) one-hot."""
    return np.eye(CLASSES, dtype=np.float32)[[0, 0, 1, 1, 2, 0, 1, 2]]


def loss_of(model: Any, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.float32]) -> float:
    """The loss of a training step."""
    return float(model.compute_loss(images, labels, model(images, training=True)))


def cross_entropies(labels: npt.NDArray[np.float32], probabilities: Any) -> npt.NDArray[np.float32]:
    return -(labels * np.log(np.asarray(probabilities))).sum(axis=1)


def test_smoothing_spreads_its_share_over_all_classes(images, labels) -> None:
    model = build(label_smoothing=0.3)
    smoothed = 0.7 * labels + 0.1
    expected = cross_entropies(smoothed, model(images)).mean()
    assert np.isclose(loss_of(model, images, labels), expected, atol=1e-5)


def test_class_weights_multiply_each_picture_s_loss(images, labels) -> None:
    model = build(label_smoothing=0.0, class_weights=True)
    weights = labels @ (COUNTS.sum() / CLASSES / COUNTS)
    expected = (weights * cross_entropies(labels, model(images))).mean()
    assert np.isclose(loss_of(model, images, labels), expected, atol=1e-5)


def test_mixup_blends_pictures_and_labels_alike(images, labels) -> None:
    model = build(label_smoothing=0.0, mixup=1.0)
    told = model(images, training=True)
    share = float(told["own_share"])
    mixed = share * images.astype(np.float32) + (1 - share) * images[::-1]
    assert 0.5 <= share < 1.0
    assert np.allclose(told["probabilities"], model.network(mixed), atol=1e-5)
    expected = cross_entropies(share * labels + (1 - share) * labels[::-1], told["probabilities"]).mean()
    assert np.isclose(float(model.compute_loss(images, labels, told)), expected, atol=1e-5)


def test_mixup_takes_its_share_of_the_batches(images) -> None:
    model = build(mixup=0.5)
    shares = np.array([float(model(images, training=True)["own_share"]) for _ in range(60)])
    assert 15 <= (shares < 1.0).sum() <= 45
    assert shares.min() >= 0.5


def test_the_teacher_sees_the_same_pictures_and_counts_by_its_share(images, labels) -> None:
    teacher = linear_network(2)
    model = build(
        teacher, label_smoothing=0.0, mixup=1.0, augmentation="standard", teacher_share=0.6, teacher_temperature=2.0
    )
    told = model(images, training=True)
    student, taught = (np.asarray(told[name]) for name in ("probabilities", "teacher"))
    soft_student, soft_taught = (np.sqrt(p) / np.sqrt(p).sum(axis=1, keepdims=True) for p in (student, taught))
    divergence = 4.0 * (soft_taught * np.log(soft_taught / soft_student)).sum(axis=1)
    share = float(told["own_share"])
    expected = 0.6 * divergence + 0.4 * cross_entropies(share * labels + (1 - share) * labels[::-1], student)
    assert np.isclose(float(model.compute_loss(images, labels, told)), expected.mean(), atol=1e-4)

    teacher.set_weights(model.network.get_weights())
    told = model(images, training=True)
    assert np.allclose(told["probabilities"], told["teacher"], atol=1e-6)


def test_opinions_beside_the_labels_count_by_their_share_and_not_as_labels(images, labels) -> None:
    model = build(label_smoothing=0.0, mixup=1.0, teacher_share=0.6, teacher_temperature=1.0, teacher_views="once")
    opinions = np.random.default_rng(1).dirichlet(np.ones(CLASSES), len(labels)).astype(np.float32)
    targets = np.hstack([labels, opinions])
    told = model(images, training=True)
    share, student = float(told["own_share"]), np.asarray(told["probabilities"])
    mixed_labels, mixed = (share * y + (1 - share) * y[::-1] for y in (labels, opinions))
    divergence = (mixed * np.log(mixed / student)).sum(axis=1)
    expected = 0.6 * divergence + 0.4 * cross_entropies(mixed_labels, student)
    assert np.isclose(float(model.compute_loss(images, targets, told)), expected.mean(), atol=1e-4)
    logged = model.fit(images, targets, batch_size=8, verbose=0).history
    assert 0.0 <= logged["accuracy"][0] <= 1.0


def test_a_teacher_learns_nothing(images, labels) -> None:
    teacher = linear_network(2)
    before = teacher.get_weights()
    model = build(teacher)
    model.fit(images, labels, verbose=0)
    assert all(np.array_equal(*pair) for pair in zip(before, teacher.get_weights(), strict=True))
    assert len(model.trainable_variables) == 2


def test_validation_knows_neither_mixup_nor_teacher(images, labels) -> None:
    plain, everything = build(), build(linear_network(2), mixup=1.0)
    everything.network.set_weights(plain.network.get_weights())
    scores = [model.evaluate(images, labels, verbose=0, return_dict=True) for model in (plain, everything)]
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    ("channels", "settings"),
    [(1, {"mixup": 1.0}), (3, {"loss": "focal", "class_weights": True}), (1, {"precision": "mixed_bfloat16"})],
    ids=["mixup", "focal and class weights", "bfloat16"],
)
def test_fit_learns_and_reports_loss_and_accuracy(channels: int, settings: dict[str, Any]) -> None:
    import keras

    keras.utils.set_random_seed(0)
    numbers = np.arange(96) % CLASSES
    images = np.full((96, SIDE, SIDE, channels), 40, np.uint8) + (80 * numbers).astype(np.uint8)[:, None, None, None]
    keras.config.set_dtype_policy(settings.get("precision", "float32"))
    try:
        model = build(channels=channels, label_smoothing=0.0, **settings)
        model.compile(optimizer=keras.optimizers.Adam(0.3), metrics=["accuracy"])
        targets = np.eye(CLASSES, dtype=np.float32)[numbers]
        history = model.fit(images, targets, validation_data=(images, targets), epochs=12, batch_size=16, verbose=0)
    finally:
        keras.config.set_dtype_policy("float32")
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history.history["val_accuracy"][-1] > 0.9
    assert history.history["val_loss"][-1] < history.history["val_loss"][0]
