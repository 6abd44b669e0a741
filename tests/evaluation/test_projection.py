import numpy as np
import pytest

from fer_core.evaluation.projection import (
    UMAP,
    available_projections,
    explained_share,
    nearest,
    principal_components,
    project,
)


def _points(num_points: int = 200, size: int = 20) -> np.ndarray:
    """Points that vary most along the first axis and next along the second, then turned and moved."""
    generator = np.random.default_rng(0)
    spread = np.full(size, 0.1)
    spread[:2] = 5.0, 2.0
    turned = np.linalg.qr(generator.normal(size=(size, size)))[0]
    return (generator.normal(size=(num_points, size)) * spread @ turned + 7).astype(np.float32)


def test_principal_components_are_those_of_scikit_learn_up_to_sign() -> None:
    from sklearn.decomposition import PCA

    points = _points()
    expected = PCA(2).fit_transform(points)
    received = principal_components(points)
    assert np.allclose(np.abs(received), np.abs(expected), atol=1e-2)
    assert explained_share(points, received) == pytest.approx(
        PCA(2).fit(points).explained_variance_ratio_.sum(), rel=1e-3
    )


@pytest.mark.parametrize("method", available_projections())
def test_a_map_is_repeatable(method: str) -> None:
    first, again = (project(_points(60), method, seed=3) for _ in range(2))
    assert first.shape == (60, 2)
    assert first.dtype == np.float32
    assert np.array_equal(first, again)


@pytest.mark.parametrize("shape", [(1, 5), (3, 1), (2, 700)], ids=str)
def test_few_points_and_few_dimensions_have_a_map_too(shape: tuple[int, int]) -> None:
    points = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for method in available_projections():
        assert project(points, method).shape == (shape[0], 2)
    assert 0 <= explained_share(points, principal_components(points)) <= 1.0001


def test_what_is_not_installed_is_told() -> None:
    with pytest.raises(ValueError, match="available: pca"):
        project(_points(), "guess")
    if UMAP not in available_projections():
        with pytest.raises(ValueError, match="available: pca"):
            project(_points(), UMAP)


def test_neighbours_are_nearest_by_direction() -> None:
    points = np.array([[1, 0], [10, 1], [0, 2], [-3, 0], [0, 0]], np.float32)
    rows, similarity = nearest(points, 0, 3)
    assert rows.tolist() == [1, 2, 4]
    assert similarity == pytest.approx([10 / np.sqrt(101), 0, 0])
    assert nearest(points, 0, 99)[0].tolist() == [1, 2, 4, 3]
