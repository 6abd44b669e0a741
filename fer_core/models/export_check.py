"""Tries an exported file again and says how it differs from the network it was made from.

A file and faces come in; its probabilities and the time for a face go out, and against the Keras network's own answers
the row of a report.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.models.agreement import compare_probabilities
from fer_core.models.export_faces import ExportFaces
from fer_core.models.export_formats import ExportFormat
from fer_core.models.keras_network import KerasNetwork
from fer_core.models.litert import LiteRtNetwork

_BATCH = 25
# Single faces; the fastest call counts, as what makes another slower is the rest of the computer (Python's timeit).
_NUM_TIMED, _NUM_WARMING = 40, 5

Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a file says.

    Args:
        y_prob: (n, classes) float32, uncalibrated.
        ms_per_face: Time of the fastest call with a single face, on one thread where the engine can be told so.
    """

    y_prob: Pixels
    ms_per_face: float


def ask(path: Path, engine: str, faces: npt.NDArray[np.uint8]) -> Answers:
    """Let a file read faces.

    Args:
        path: The network.
        engine: `litert`, `keras` or `onnx`.
        faces: (n, size, size, channels) uint8, n at least 1.
    """
    run = _ENGINES[engine](path)
    pixels = faces.astype(np.float32)
    y_prob = np.concatenate([run(pixels[start : start + _BATCH]) for start in range(0, len(pixels), _BATCH)])
    seconds = []
    for number in range(_NUM_TIMED + _NUM_WARMING):
        face = pixels[number % len(pixels)][np.newaxis]
        started_at = time.perf_counter()
        run(face)
        seconds.append(time.perf_counter() - started_at)
    return Answers(y_prob, 1000 * min(seconds[_NUM_WARMING:]))


def compare_answers(
    known: ExportFormat, path: Path, answers: Answers, wanted: Answers, faces: ExportFaces
) -> dict[str, Any]:
    """Return the row of a report: a file's size, speed and distance from the Keras network's probabilities."""
    agreement = compare_probabilities(wanted.y_prob, answers.y_prob, faces.y_true)
    return {
        "title": known.title,
        "file": known.file_name,
        "file_bytes": path.stat().st_size,
        "faces": faces.described,
        "num_images": agreement.num_images,
        "max_difference": agreement.max_difference,
        "mean_difference": agreement.mean_difference,
        "same_labels": agreement.same_labels,
        "accuracy_change": agreement.accuracy_change,
        "ms_per_face": answers.ms_per_face,
    }


def _litert(path: Path) -> Callable[[Pixels], Pixels]:
    network = LiteRtNetwork(path.read_bytes())
    return lambda pixels: network.run(pixels).probabilities


def _keras(path: Path) -> Callable[[Pixels], Pixels]:
    network = KerasNetwork(path)
    return lambda pixels: network.run(pixels).probabilities


def _onnx(path: Path) -> Callable[[Pixels], Pixels]:
    onnxruntime = import_module("onnxruntime")  # an optional extra
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    name = session.get_inputs()[0].name
    return lambda pixels: np.asarray(session.run(["probabilities"], {name: pixels})[0], np.float32)


_ENGINES: dict[str, Callable[[Path], Callable[[Pixels], Pixels]]] = {"litert": _litert, "keras": _keras, "onnx": _onnx}
