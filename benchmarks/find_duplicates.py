"""How many planted duplicates are found, how many pairs are false, and what does the search cost?

    python -m benchmarks.find_duplicates [DATASET] [--planted 400] [--images 3000] [--full] [--json FILE]

DATASET is a name from `dataset list`, by default 910 drawn faces made on the spot. Some of its pictures are planted
again: encoded as JPEG, in other light, shifted, scaled, re-cropped, mirrored. Recall is the share of them that is
paired with its original; pairs of planted pictures with others count as false where the others are not twins of the
original. --full also times the search over the whole dataset, without anything planted.
"""

import argparse
import hashlib
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: process time is that of one thread
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import open_dataset
from fer_core.dataset.drawn.faces import drawn_face
from fer_core.dataset.duplicates.crop_features import resized_grey
from fer_core.dataset.duplicates.pairs import MIN_SIMILARITY, duplicate_groups, find_duplicates
from fer_core.dataset.index import DatasetIndex
from fer_core.labels import EXPRESSIONS

SIDE = 48
BORDERS = (cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101)
Picture = npt.NDArray[np.uint8]
Change = Callable[[Picture, np.random.Generator], Picture]


def encode_badly(picture: Picture, random: np.random.Generator) -> Picture:
    """JPEG of quality 15 to 30."""
    return encode(picture, random, low=15, high=30)


def encode(picture: Picture, random: np.random.Generator, *, low: int = 30, high: int = 95) -> Picture:
    """JPEG of some quality."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(low, high + 1))]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_GRAYSCALE), np.uint8)


def light(picture: Picture, random: np.random.Generator) -> Picture:
    """Another brightness, contrast and gamma."""
    bright = (picture / 255.0) ** random.uniform(0.7, 1.4)
    changed = (bright - 0.5) * random.uniform(0.7, 1.25) + 0.5 + random.uniform(-0.12, 0.12)
    return (changed * 255).clip(0, 255).astype(np.uint8)


def shift(picture: Picture, random: np.random.Generator) -> Picture:
    """Up to six pixels each way."""
    right, down = random.integers(-6, 7, 2)
    return _warp(picture, np.array([[1, 0, right], [0, 1, down]]), random)


def scale(picture: Picture, random: np.random.Generator) -> Picture:
    """Between 0.8 and 1.25 times as large, and up to two pixels off."""
    factor = random.uniform(0.8, 1.25)
    right, down = (SIDE - 1) / 2 * (1 - factor) + random.uniform(-2, 2, 2)
    return _warp(picture, np.array([[factor, 0, right], [0, factor, down]]), random)


def recrop(picture: Picture, random: np.random.Generator) -> Picture:
    """A part of at least three quarters of the sides, at another aspect ratio, enlarged."""
    width = random.uniform(0.75, 1) * SIDE
    height = np.clip(width * random.uniform(0.92, 1.08), 0.72 * SIDE, SIDE)
    left, top = random.uniform(0, SIDE - width), random.uniform(0, SIDE - height)
    matrix = np.array([[SIDE / width, 0, -left * SIDE / width], [0, SIDE / height, -top * SIDE / height]])
    return _warp(picture, matrix, random)


def mirror(picture: Picture, random: np.random.Generator) -> Picture:
    """The mirror image of a re-crop."""
    return np.ascontiguousarray(recrop(picture, random)[:, ::-1])


CHANGES: dict[str, Change] = {
    "re-encoded, quality 30-95": encode,
    "re-encoded, quality 15-30": encode_badly,
    "other light": light,
    "shifted": shift,
    "scaled": scale,
    "re-cropped": recrop,
    "re-cropped and mirrored": mirror,
}


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", help="a name from `dataset list`")
    parser.add_argument("--planted", type=int, default=400)
    parser.add_argument("--images", type=int, default=3000, help="pictures of the dataset to plant among")
    parser.add_argument("--full", action="store_true", help="time the whole dataset as well")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    images = _images(options.dataset)
    figures = planted_recall(images, num_images=options.images, num_planted=options.planted)
    if options.full:
        figures["whole"] = whole_dataset(options.dataset)
    for name, value in figures.items():
        print(f"{name:32} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def planted_recall(images: npt.NDArray[np.uint8], *, num_images: int, num_planted: int) -> dict[str, Any]:
    """Plant changed copies among some of the pictures and look for them."""
    random = np.random.default_rng(0)
    chosen = images[np.sort(random.permutation(len(images))[:num_images])]
    originals = random.permutation(len(chosen))[: min(num_planted, len(chosen))]
    kinds = [list(CHANGES)[number % len(CHANGES)] for number in range(len(originals))]
    planted = [encode(CHANGES[kind](chosen[row], random), random) for kind, row in zip(kinds, originals, strict=True)]
    index = _index(np.concatenate([chosen, np.stack(planted)]))
    start = time.process_time()
    pairs = find_duplicates(index)
    seconds = time.process_time() - start
    pairs = pairs[pairs["similarity"] >= MIN_SIMILARITY]
    found = set(zip(pairs["image_id"], pairs["twin_id"], strict=True))
    is_found = np.array([(row, len(chosen) + number) in found for number, row in enumerate(originals)])
    return {
        "pictures": len(index.table),
        "search, seconds of one thread": round(seconds, 2),
        **{f"recall, {kind}": round(float(is_found[np.array(kinds) == kind].mean()), 3) for kind in CHANGES},
        "recall": round(float(is_found.mean()), 3),
        "precision of planted pairs": round(_precision(pairs, len(chosen), originals), 3),
    }


def _precision(pairs: pd.DataFrame, num_images: int, originals: npt.NDArray[np.int64]) -> float:
    """Share of the pairs with a planted picture whose other picture is its original or a twin of that."""
    among = pairs[pairs["twin_id"] < num_images]
    groups = duplicate_groups(among, num_images)
    sources = np.concatenate([np.arange(num_images), originals])
    chosen = pairs[pairs["twin_id"] >= num_images]
    first, second = (groups[sources[chosen[column]]] for column in ("image_id", "twin_id"))
    return float((first == second).mean())


def whole_dataset(name: str | None) -> dict[str, Any]:
    """Time the search over a whole dataset, and count what it finds."""
    index = open_dataset(name).index if name else _index(_images(None))
    start, clock = time.process_time(), time.perf_counter()
    pairs = find_duplicates(index)
    figures = {
        "pictures": len(index.table),
        "seconds_of_one_thread": round(time.process_time() - start, 1),
        "seconds_on_the_clock": round(time.perf_counter() - clock, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    counts = pairs.loc[pairs["similarity"] >= MIN_SIMILARITY, "relation"].value_counts()
    return figures | {str(relation): int(count) for relation, count in counts.items()}


def _images(name: str | None) -> npt.NDArray[np.uint8]:
    """Grey pictures (n, 48, 48), no two the same."""
    if name is None:
        return np.stack([drawn_face(label, number, split="train") for label in EXPRESSIONS for number in range(1, 131)])
    index = open_dataset(name).index
    different = index.usable.drop_duplicates("digest")["image_id"].to_numpy()
    return resized_grey(index.images[different], SIDE).round().astype(np.uint8)


def _index(pictures: npt.NDArray[np.uint8]) -> DatasetIndex:
    digests = [hashlib.blake2b(picture.tobytes()).hexdigest() for picture in pictures]
    table = pd.DataFrame({"image_id": range(len(pictures)), "digest": digests})
    return DatasetIndex(table.assign(path=digests, split="train", label="face", readable=True), pictures[..., None])


def _warp(picture: Picture, matrix: npt.NDArray[np.floating], random: np.random.Generator) -> Picture:
    border = BORDERS[random.integers(len(BORDERS))]
    return np.asarray(cv2.warpAffine(picture, matrix.astype(np.float32), (SIDE, SIDE), borderMode=border), np.uint8)


if __name__ == "__main__":
    main()
