"""Drawn faces: a generated, licence-free dataset, so that everything works at once and offline.

A seed comes in; class folders with grey 48x48 faces in the seven expressions go out. Skin tone, head shape, hair,
light and background are sampled without knowing the expression, and every picture has its own random generator,
so that a face depends on nothing but the seed, its split, its expression and its number.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from fer_core.dataset.drawn.expressions import Movement, sample_movement
from fer_core.dataset.drawn.face import SIZE, draw_face
from fer_core.dataset.drawn.people import Person, Scene, sample_person, sample_scene
from fer_core.labels import EXPRESSIONS

SPLITS: tuple[str, ...] = ("train", "test")


def write_drawn_faces(
    folder: Path,
    *,
    seed: int = 0,
    num_train: int = 700,
    num_test: int = 210,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Draw faces into class folders such as `train/happy/happy_0001.png`, equally many of each expression.

    Args:
        folder: Where to put them; created if it is not there. What an exception of `on_progress` interrupts stays.
        seed: Which set: the same seed gives the same pictures.
        num_train: Number of training faces, a multiple of seven.
        num_test: Number of test faces, a multiple of seven.
        on_progress: Called with the number of faces done and the number of all.
    """
    counts = dict(zip(SPLITS, (num_train, num_test), strict=True))
    for split, count in counts.items():
        if count < 0 or count % len(EXPRESSIONS):
            raise ValueError(f"num_{split} must be a multiple of {len(EXPRESSIONS)}, got {count}")
    done, total = 0, sum(counts.values())
    for split, count in counts.items():
        for expression in EXPRESSIONS:
            target = folder / split / expression
            target.mkdir(parents=True, exist_ok=True)
            for number in range(1, count // len(EXPRESSIONS) + 1):
                face = drawn_face(expression, number, split=split, seed=seed)
                Image.fromarray(face).save(target / f"{expression}_{number:04d}.png")
                done += 1
                if on_progress:
                    on_progress(done, total)


def drawn_face(expression: str, number: int, *, split: str, seed: int = 0, size: int = SIZE) -> npt.NDArray[np.uint8]:
    """Draw one face of the set.

    Args:
        expression: One of `EXPRESSIONS`.
        number: Its number within split and expression, from 1.
        split: `train` or `test`.
        seed: Which set.
        size: Side in pixels; a larger picture shows the same face, with finer noise.

    Returns:
        (size, size) uint8, 0-255.
    """
    rng = _generator(expression, number, split, seed)
    person, scene, movement = _sample(rng, expression)
    # Sums of twelve uniform numbers are normal enough and, unlike normal ones, the same to the last digit everywhere.
    noise = rng.random((12, size, size)).sum(axis=0) - 6
    return draw_face(person, scene, movement, noise)


def sample_parameters(expression: str, number: int, *, split: str, seed: int = 0) -> tuple[Person, Scene, Movement]:
    """Return what `drawn_face` draws for the same arguments: the person, the scene and the movement."""
    return _sample(_generator(expression, number, split, seed), expression)


def _generator(expression: str, number: int, split: str, seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, SPLITS.index(split), EXPRESSIONS.index(expression), number))


def _sample(rng: np.random.Generator, expression: str) -> tuple[Person, Scene, Movement]:
    """Sample in a fixed order: only the last of the three knows the expression."""
    return sample_person(rng), sample_scene(rng), sample_movement(rng, expression)
