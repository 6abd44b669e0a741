import time

import numpy as np
import pytest
from scipy.stats import spearmanr

from fer_core.models.classifier import Classifier
from fer_core.models.litert import NetworkOutputs
from fer_core.prediction import load_predictor
from fer_core.prediction.explain import heat_map
from fer_core.prediction.occlusion import agreement, centred, occlusion_maps
from tests.models.networks import make_faces, make_info
from tests.scenes import portrait


class LooksAtOnePlace:
    """A network whose first class is the brightness of one place, and whose other classes know nothing."""

    face_shape, num_classes, embedding_size, has_class_maps = (48, 48, 1), 3, 1, False

    def __init__(self, rows: slice, columns: slice) -> None:
        self.place = (slice(None), rows, columns)

    def run(self, pixels, with_maps=False):
        bright = pixels[self.place].mean(axis=(1, 2, 3)) / 64
        logits = np.stack([bright, 0 * bright, 0 * bright], axis=1)
        share = np.exp(logits)
        return NetworkOutputs(share / share.sum(axis=1, keepdims=True), np.zeros((len(pixels), 1), np.float32))


def classifier_of(network) -> Classifier:
    return Classifier(network, make_info(class_names=("happy", "sad", "fear")))


@pytest.mark.parametrize(
    ("rows", "columns"),
    [(slice(0, 8), slice(0, 8)), (slice(20, 28), slice(36, 44)), (slice(40, 48), slice(0, 8))],
    ids=["corner", "right", "below left"],
)
def test_the_map_is_hot_where_the_network_looks_and_nowhere_else(rows, columns):
    crop = np.full((48, 48, 1), 40, np.uint8)
    crop[rows, columns] = 255
    maps = occlusion_maps(classifier_of(LooksAtOnePlace(rows, columns)), crop)
    heat = heat_map(maps, 0, 48)
    far = np.ones((48, 48), bool)
    far[max(0, rows.start - 14) : rows.stop + 14, max(0, columns.start - 14) : columns.stop + 14] = False
    assert heat[rows, columns].min() > 0.5
    assert heat[far].max() < 0.05
    assert not heat_map(maps, 1, 48)[rows, columns].any()


def test_what_is_lost_is_the_logarithm_of_the_odds():
    crop = np.full((48, 48, 1), 10, np.uint8)
    crop[:, :24] = 138  # 2 nats above the mean of the face, 74
    maps = occlusion_maps(classifier_of(LooksAtOnePlace(slice(0, 4), slice(0, 4))), crop)
    lost = (138 - 74) / 64
    assert maps[0, 0] == pytest.approx([lost * 2 / 3, -lost / 3, -lost / 3], abs=1e-4)


def test_it_tells_its_progress_and_stops_when_that_raises():
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done > 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        occlusion_maps(classifier_of(LooksAtOnePlace(slice(0, 4), slice(0, 4))), make_faces(1)[0], on_progress=stop)
    assert seen == [(48, 144), (96, 144)]


def test_a_real_face_takes_moments_and_some_place_of_it_matters():
    predictor = load_predictor()
    (face,) = predictor.predict(portrait(), views="one").faces
    started_at = time.process_time()
    maps = occlusion_maps(predictor.classifier, face.crop)
    assert time.process_time() - started_at < 3
    assert maps.shape == (12, 12, 7)
    assert centred(maps, predictor.class_names.index(face.label)).max() > 0.2  # nats


@pytest.mark.parametrize("side", [6, 12], ids=["same size", "finer"])
def test_agreement_is_spearmans_rank_correlation(side):
    rng = np.random.default_rng(0)
    first = rng.normal(size=(6, 6)).astype(np.float32)
    second = (first + rng.normal(size=(6, 6))).astype(np.float32)
    enlarged = second.repeat(side // 6, axis=0).repeat(side // 6, axis=1)
    assert agreement(first, enlarged) == pytest.approx(spearmanr(first.ravel(), second.ravel()).statistic)
    assert agreement(first, -first) == pytest.approx(-1)
    assert agreement(first, np.zeros((6, 6), np.float32)) == 0


def test_centred_takes_off_what_speaks_for_all_classes():
    maps = np.random.default_rng(0).normal(size=(6, 6, 7)).astype(np.float32)
    assert np.allclose(centred(maps, 2), centred(maps + maps[..., :1], 2), atol=1e-6)
