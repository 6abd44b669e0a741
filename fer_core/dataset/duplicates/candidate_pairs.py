"""Proposes which pictures of a dataset may show the same photo: shifted, scaled, re-cropped or mirrored.

Pictures come in; pairs with the crop at which they look alike go out, many more than are true, so that a close look at
each can decide. Comparing everything with everything would take n² x 150 comparisons; instead the centre crops are
sorted into about √n lists of similar ones (an inverted file, Sivic and Zisserman 2003), and a crop is compared with
the members of the nearest few lists, which grows with n^1.5.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.dataset.duplicates.crop_features import Crop, CropFeatures, FloatArray, crop_grid

# Steps of 3 of 48 pixels up to 6, and of 12 % in scale: between two steps a crop is still found (98 of 100 first).
# Larger crops need no search: seen from the other picture, they are smaller ones.
CROPS: tuple[Crop, ...] = crop_grid(scales=(1.0, 0.88, 0.78), shifts=(-0.125, -0.0625, 0.0, 0.0625, 0.125))
_MIRROR_HANDICAP = 0.02  # a symmetric picture is called mirrored only where that fits better
_BLOCK = 512  # pictures

_FEW = 3000  # pictures; a smaller dataset is searched more thoroughly
_HIT = np.dtype([("first", "i8"), ("second", "i8"), ("crop", "i8"), ("mirrored", "?"), ("cosine", "f4")])

OnProgress = Callable[[int, int], None]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Effort:
    """How thoroughly to search.

    Args:
        min_cosine: Crops less alike are not proposed.
        max_twins: Proposals for a picture; twins beyond them are linked through each other.
        num_probed: Lists compared with a crop.
    """

    min_cosine: float
    max_twins: int
    num_probed: int


# Of drawn faces planted again, shifted, scaled, re-cropped or mirrored, 94 and 99 of 100 are proposed.
_QUICK = _Effort(min_cosine=0.79, max_twins=10, num_probed=6)
# Of one person in one pose there may be dozens that come before the twin.
_THOROUGH = _Effort(min_cosine=0.7, max_twins=100, num_probed=12)


@dataclass(frozen=True)
class Candidates:
    """Pairs of pictures that may be the same; all (pairs,) arrays.

    Args:
        first: Number of the picture of which a crop was taken.
        second: Number of the picture whose centre crop it resembles.
        crop: Position in `CROPS`.
        mirrored: Whether the crop is one of the mirrored picture.
        cosine: How alike the two crops are, -1 to 1.
    """

    first: IntArray
    second: IntArray
    crop: IntArray
    mirrored: npt.NDArray[np.bool_]
    cosine: FloatArray

    def __len__(self) -> int:
        return len(self.first)

    def take(self, chosen: npt.NDArray[np.bool_] | slice) -> "Candidates":
        """Return some of the pairs."""
        first, second = self.first[chosen], self.second[chosen]
        return Candidates(first, second, self.crop[chosen], self.mirrored[chosen], self.cosine[chosen])


def propose_pairs(small: npt.NDArray[np.uint8], *, on_progress: OnProgress | None = None) -> Candidates:
    """Return every two pictures that are worth a close look, each pair once.

    Args:
        small: (n, SIDE, SIDE) uint8, 0-255; no two the same.
        on_progress: Called with (pictures done, pictures in all).
    """
    if len(small) < 2:
        return _unique_pairs(np.empty(0, _HIT))
    effort = _THOROUGH if len(small) <= _FEW else _QUICK
    features = CropFeatures.fit(small)
    blocks = range(0, len(small), _BLOCK)
    centres = np.concatenate([features.describe(small[start : start + _BLOCK], Crop()) for start in blocks])
    lists = _SimilarLists.of(centres, effort)
    found = []
    for start in blocks:
        block = small[start : start + _BLOCK]
        hits = [_hits(features, lists, block, mirrored) for mirrored in (False, True)]
        found.append(_best_hits(np.concatenate(hits), start, effort.max_twins))
        if on_progress:
            on_progress(min(start + _BLOCK, len(small)), len(small))
    return _unique_pairs(np.concatenate(found))


def _hits(
    features: CropFeatures, lists: "_SimilarLists", block: npt.NDArray[np.uint8], mirrored: bool
) -> npt.NDArray[np.void]:
    """Find the centre crops that resemble a crop of a block's pictures; `first` counts within the block."""
    seen = np.ascontiguousarray(block[:, :, ::-1]) if mirrored else block
    queries = np.concatenate([features.describe(seen, crop) for crop in CROPS])
    found = []
    for numbers, members in lists.probes(queries):
        cosines = queries[numbers] @ lists.vectors[members].T
        rows, columns = np.divmod(np.flatnonzero(cosines > lists.effort.min_cosine), len(members))
        hits = np.empty(len(rows), _HIT)
        hits["crop"], hits["first"] = np.divmod(numbers[rows], len(block))
        hits["second"], hits["mirrored"] = members[columns], mirrored
        hits["cosine"] = cosines[rows, columns] - mirrored * _MIRROR_HANDICAP
        found.append(hits)
    return np.concatenate(found) if found else np.empty(0, _HIT)


def _best_hits(hits: npt.NDArray[np.void], start: int, max_twins: int) -> npt.NDArray[np.void]:
    """Keep the best crop of every pair, and the best few pairs of every picture."""
    hits["first"] += start
    hits = hits[hits["first"] != hits["second"]]
    hits = hits[np.argsort(-hits["cosine"], kind="stable")]
    _, best = np.unique(hits["first"] << 32 | hits["second"], return_index=True)
    hits = hits[np.sort(best)]
    hits = hits[np.argsort(hits["first"], kind="stable")]
    places = np.arange(len(hits)) - np.searchsorted(hits["first"], hits["first"])
    return hits[places < max_twins]


def _unique_pairs(hits: npt.NDArray[np.void]) -> Candidates:
    hits = hits[np.argsort(-hits["cosine"], kind="stable")]
    low, high = np.minimum(hits["first"], hits["second"]), np.maximum(hits["first"], hits["second"])
    _, best = np.unique(low << 32 | high, return_index=True)
    hits = hits[best]
    return Candidates(hits["first"], hits["second"], hits["crop"], hits["mirrored"], hits["cosine"])


@dataclass(frozen=True)
class _SimilarLists:
    """Vectors sorted into lists of similar ones.

    Args:
        vectors: (n, d) unit vectors.
        effort: How many lists to look into, and what to take from them.
        middles: (lists, d) unit vectors, one in the middle of each list.
        members: The numbers of the vectors in each list.
    """

    vectors: FloatArray
    effort: _Effort
    middles: FloatArray
    members: tuple[IntArray, ...]

    @classmethod
    def of(cls, vectors: FloatArray, effort: _Effort, *, num_rounds: int = 8, seed: int = 0) -> "_SimilarLists":
        """Sort unit vectors (n, d) by k-means on the sphere, learned from a sample of them."""
        num_lists = max(1, round(len(vectors) ** 0.5))
        generator = np.random.default_rng(seed)
        sample = vectors[generator.permutation(len(vectors))[: 30 * num_lists]]
        middles = sample[:num_lists].copy()
        for _ in range(num_rounds):
            nearest = np.argmax(sample @ middles.T, axis=1)
            sums = np.zeros_like(middles)
            np.add.at(sums, nearest, sample)
            lengths = np.linalg.norm(sums, axis=1, keepdims=True)
            middles = np.where(lengths > 1e-6, sums / np.maximum(lengths, 1e-6), middles).astype(np.float32)
        nearest = np.argmax(vectors @ middles.T, axis=1)
        return cls(vectors, effort, middles, tuple(np.flatnonzero(nearest == number) for number in range(num_lists)))

    def probes(self, queries: FloatArray) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield for each list the numbers of the queries (m, d) near it, and the list's members."""
        closeness = queries @ self.middles.T
        everyone = np.arange(len(queries))
        asked = np.empty((min(self.effort.num_probed, len(self.middles)), len(queries)), np.int64)
        for place in asked:
            place[:] = np.argmax(closeness, axis=1)
            closeness[everyone, place] = -2.0
        order = np.argsort(asked, axis=None, kind="stable")
        ends = np.cumsum(np.bincount(asked.ravel(), minlength=len(self.middles)))
        for number, numbers in enumerate(np.split(order % len(queries), ends[:-1])):
            if len(numbers) and len(self.members[number]):
                yield numbers, self.members[number]
