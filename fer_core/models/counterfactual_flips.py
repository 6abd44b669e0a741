"""How often a model changes its answer where only something irrelevant has changed: mirrored, lit, glasses, a mask.

Faces and a model's answers come in, one row for each change goes out. It is part of the robustness report.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.counterfactuals import COUNTERFACTUALS, change_faces
from fer_core.evaluation.intervals import wilson_interval
from fer_core.models.face_landmarks import find_landmarks

Answers = npt.NDArray[np.intp]
Read = Callable[[npt.NDArray[np.uint8], int], Answers]

NUM_STEPS = 1 + len(COUNTERFACTUALS)  # the landmarks are looked for first


def count_flips(
    faces: npt.NDArray[np.uint8],
    y_true: Answers,
    unchanged: Answers,
    *,
    class_names: Sequence[str],
    read: Read,
    on_step: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Read faces with one thing changed, and count other answers.

    Args:
        faces: (n, size, size, channels) uint8, in the model's size.
        y_true: (n,) true class indices.
        unchanged: (n,) what the model says of the faces as they are.
        class_names: The model's classes.
        read: Returns (n,) what the model says of changed faces; also given the number of the step, 1 or more.
        on_step: Called with (faces done, faces in all) of step 0, the search for landmarks.

    Returns:
        `num_landmarks`, the faces in which eyes and mouth were found (in the others glasses and mask lie where they
        mostly are), and `rows`, one for each change: `kind`, `title`, `flipped` (share of the faces that are called
        otherwise), `flipped_ci`, `accuracy`, `accuracy_ci`, `drop`, and `flips`: `from`, `to` and `num_images` of each
        pair of classes between which answers went, the most frequent first.
    """
    landmarks, were_found = find_landmarks(faces, on_progress=on_step)
    rows = []
    for step, (kind, counterfactual) in enumerate(COUNTERFACTUALS.items(), start=1):
        answers = read(change_faces(faces, kind, landmarks), step)
        accuracy, accuracy_ci = _share(answers == y_true)
        flipped, flipped_ci = _share(answers != unchanged)
        rows.append(
            {
                "kind": kind,
                "title": counterfactual.title,
                "flipped": flipped,
                "flipped_ci": flipped_ci,
                "accuracy": accuracy,
                "accuracy_ci": accuracy_ci,
                "drop": float((unchanged == y_true).mean()) - accuracy,
                "flips": _flips(unchanged, answers, class_names),
            }
        )
    return {"num_landmarks": int(were_found.sum()), "rows": rows}


def _flips(before: Answers, after: Answers, class_names: Sequence[str]) -> list[dict[str, Any]]:
    went = before != after
    pairs, counts = np.unique(np.stack([before[went], after[went]], axis=1), axis=0, return_counts=True)
    return [
        {"from": class_names[pairs[place, 0]], "to": class_names[pairs[place, 1]], "num_images": int(counts[place])}
        for place in np.argsort(-counts, kind="stable")
    ]


def _share(is_so: npt.NDArray[np.bool_]) -> tuple[float, list[float]]:
    return float(is_so.mean()), list(wilson_interval(int(is_so.sum()), len(is_so)))
