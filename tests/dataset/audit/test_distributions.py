import numpy as np
import pandas as pd
import pytest

from fer_core.dataset.audit.distributions import (
    chance_distance,
    histograms,
    ks_distance,
    severity_of_distance,
    wasserstein_shift,
)

GENERATOR = np.random.default_rng(0)
NORMAL = GENERATOR.normal(size=20_000)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ([1, 2, 3], [1, 2, 3], 0.0),
        ([1, 2, 3], [4, 5, 6], 1.0),
        ([1, 1, 2, 2], [1, 2, 2, 2], 0.25),
        ([], [1], 0.0),
    ],
    ids=["the same", "no overlap", "one of four", "nothing"],
)
def test_the_distance_is_the_largest_gap_of_the_shares(a, b, distance):
    assert ks_distance(np.array(a, float), np.array(b, float)) == pytest.approx(distance)


@pytest.mark.parametrize(
    ("shift", "distance"), [(0.2, 0.08), (0.5, 0.20), (0.8, 0.31)], ids=["small", "medium", "large"]
)
def test_the_limits_are_cohens_effects_between_normal_distributions(shift, distance):
    assert ks_distance(NORMAL, GENERATOR.normal(size=20_000) + shift) == pytest.approx(distance, abs=0.015)


def test_the_shift_is_in_standard_deviations():
    assert wasserstein_shift(NORMAL, NORMAL + 0.1) == pytest.approx(0.1, rel=0.01)
    assert wasserstein_shift(np.ones(5), np.ones(5)) == 0


def test_chance_explains_the_distance_of_two_samples_of_one_distribution():
    distances = [ks_distance(GENERATOR.normal(size=60), GENERATOR.normal(size=40)) for _ in range(500)]
    assert 0 < np.mean(np.array(distances) > chance_distance(60, 40)) <= 0.02


@pytest.mark.parametrize(
    ("distance", "num", "severity"),
    [(0.05, 5000, "fine"), (0.1, 5000, "notice"), (0.25, 5000, "warning"), (0.5, 5000, "problem"), (0.25, 50, "fine")],
)
def test_severity_goes_by_size_and_never_below_chance(distance, num, severity):
    assert severity_of_distance(distance, num, num) == severity


def test_histograms_share_their_bins_and_count_every_image():
    values = pd.Series([*NORMAL[:1000], 1e6])
    table = histograms(values, pd.Series(["train"] * 800 + ["test"] * 201))
    assert table.groupby("split")["share"].sum().tolist() == pytest.approx([1, 1])
    assert (table[table["split"] == "train"]["left"].to_numpy() == table[table["split"] == "test"]["left"]).all()
    assert table["right"].max() < 10


def test_values_that_are_all_the_same_give_a_histogram():
    assert histograms(pd.Series([3.0, 3.0]), pd.Series(["train", "train"]))["share"].max() == 1
