"""Flattens points of many dimensions for a map, and finds the nearest neighbours of one of them.

Embeddings or pixels come in as rows, two coordinates a row go out: by principal components, or by UMAP where the
optional package umap-learn is installed. The same rows and seed give the same map.
"""

import importlib.util

import numpy as np
import numpy.typing as npt

PCA, UMAP = "pca", "umap"

# Defaults of McInnes, Healy & Melville, "UMAP" (2018), section 4.3; cosine, as embeddings differ by direction.
_UMAP_NEIGHBOURS, _UMAP_MIN_DISTANCE, _UMAP_METRIC = 15, 0.1, "cosine"


def available_projections() -> tuple[str, ...]:
    """Return the names of the projections that are installed, `pca` first."""
    return (PCA, UMAP) if importlib.util.find_spec("umap") else (PCA,)


def project(points: npt.NDArray[np.float32], method: str = PCA, *, seed: int = 0) -> npt.NDArray[np.float32]:
    """Return (n, 2) float32, a place on a map for each point.

    Args:
        points: (n, d) float32, n and d at least 1.
        method: One of `available_projections()`.
        seed: Decides UMAP's map; principal components need none.
    """
    if method not in available_projections():
        raise ValueError(f"method is {method!r}; available: {', '.join(available_projections())}")
    # UMAP needs more points than dimensions of its first guess.
    if method == UMAP and len(points) > _UMAP_NEIGHBOURS:
        return _umap(points, seed)
    return principal_components(points)


def principal_components(points: npt.NDArray[np.float32], num_components: int = 2) -> npt.NDArray[np.float32]:
    """Return the coordinates of the points along the directions in which they vary most (Pearson, 1901).

    Args:
        points: (n, d) float32.
        num_components: Number of directions; those beyond d are zeros.

    Returns:
        (n, `num_components`) float32, centred; in each direction the largest weight is positive, so that the map
        does not depend on the linear algebra library.
    """
    centred = points - points.mean(axis=0, dtype=np.float64).astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64)
    directions = np.linalg.eigh(covariance)[1][:, ::-1][:, :num_components]  # ascending eigenvalues
    largest = np.abs(directions).argmax(axis=0)
    directions *= np.where(directions[largest, np.arange(directions.shape[1])] < 0, -1.0, 1.0)
    projected = np.zeros((len(points), num_components), np.float32)
    projected[:, : directions.shape[1]] = centred @ directions.astype(np.float32)
    return projected


def explained_share(points: npt.NDArray[np.float32], projected: npt.NDArray[np.float32]) -> float:
    """Return how much of the variance of (n, d) points their principal components (n, k) keep, 0-1."""
    total = float(points.var(axis=0, dtype=np.float64).sum())
    return float(projected.var(axis=0, dtype=np.float64).sum()) / total if total else 1.0


def nearest(
    points: npt.NDArray[np.float32], row: int, num_neighbours: int = 12
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return the rows most like one row by cosine similarity, the most similar first, without itself.

    Args:
        points: (n, d) float32.
        row: Which of them.
        num_neighbours: How many to find; fewer where there are not as many.

    Returns:
        (k,) int64 rows and (k,) float32 similarities, -1 to 1; a row of zeros is like nothing (0).
    """
    lengths = np.linalg.norm(points, axis=1) * np.linalg.norm(points[row])
    similarity = np.divide(points @ points[row], lengths, out=np.zeros(len(points), np.float32), where=lengths > 0)
    others = np.delete(np.arange(len(points)), row)
    most_similar = others[np.argsort(-similarity[others], kind="stable")[:num_neighbours]]
    return most_similar, similarity[most_similar]


def _umap(points: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float32]:
    import umap  # loads Numba, and TensorFlow where that is installed: in a job only

    reducer = umap.UMAP(
        n_neighbors=_UMAP_NEIGHBOURS,
        min_dist=_UMAP_MIN_DISTANCE,
        metric=_UMAP_METRIC,
        random_state=seed,
        n_jobs=1,  # several threads would make every map another one
    )
    return np.asarray(reducer.fit_transform(points), np.float32)
