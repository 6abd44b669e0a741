"""What does a live frame cost: following, reading and drawing, against searching and reading every frame?

    python -m benchmarks.live_cost [--seconds 8] [--rounds 3] [--json FILE]

Moving pictures of 1, 2, 6 and 18 people (640 x 480, and 1280 x 720 with two) go through the shipped model. A figure is
the processor time of one thread in milliseconds a frame, the median of the rounds, which take turns: the bare parts
(the detector, and one reading a face, in every frame), the analysis as the page uses it, and the drawing. Memory is
what the process grows by from the second round on. The targets: the analysis costs at most 0.65 of the bare parts,
and the drawing less than the analysis.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from fer_core.prediction import Predictor, load_predictor
from fer_core.prediction.live import LiveAnalyzer, LiveSettings, draw_live
from tests.prediction.live.sequences import Somebody, frames, walk

FPS = 25
SCENES = {
    "1 face": (1, 1.0),
    "2 faces": (2, 1.0),
    "6 faces": (6, 1.0),
    "18 faces": (18, 1.0),
    "2 faces, 720p": (2, 1.5),
}
TINTS = ((1.0, 1.0, 1.0), (0.6, 0.5, 0.45), (0.7, 0.85, 1.15))
PASSES = (320,)

Frames = list[np.ndarray]


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8, help="length of each moving picture")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    predictor = load_predictor()
    figures = {
        name: measured(predictor, scene(*kind, options.seconds), options.rounds) for name, kind in SCENES.items()
    }
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def scene(num_people: int, scale: float, seconds: float) -> Frames:
    """People who walk to and fro, each in a row and column of their own."""
    columns = min(num_people, 6)
    rows = -(-num_people // columns)
    step_x, step_y = 640 / columns, 480 / rows
    height = min(110.0, 0.45 * step_x, 0.45 * step_y)
    people = []
    for number in range(num_people):
        x, y = step_x * (number % columns + 0.5), step_y * (number // columns + 0.45)
        sway = min(40.0, step_x / 8)
        stops = [(second, x + sway * (-1) ** second, y) for second in range(int(seconds) + 2)]
        people.append(Somebody(walk(*stops, height=height), TINTS[number % 3], number % 2 == 1))
    pictures = [frame for _, frame, _ in frames(people, seconds, fps=FPS)]
    if scale == 1:
        return pictures
    return [np.asarray(cv2.resize(frame, None, fx=2, fy=1.5)) for frame in pictures]


def measured(predictor: Predictor, pictures: Frames, rounds: int) -> dict[str, Any]:
    """Milliseconds a frame of every part."""
    costs: dict[str, list[float]] = {part: [] for part in ("detection", "reading", "analysis", "drawing")}
    process, before, faces = psutil.Process(os.getpid()), 0, []
    for number in range(rounds):
        found = [predictor.detect(frame, passes=PASSES) for frame in pictures]
        costs["detection"].append(cost(lambda: [predictor.detect(frame, passes=PASSES) for frame in pictures]))
        costs["reading"].append(cost(lambda found=found: read_all(predictor, pictures, found)))
        analyzer = LiveAnalyzer(predictor, LiveSettings(budget_ms=None))
        results: list[Any] = []
        costs["analysis"].append(cost(lambda analyzer=analyzer, results=results: analyse(analyzer, pictures, results)))
        costs["drawing"].append(
            cost(lambda results=results: [draw_live(*pair) for pair in zip(pictures, results, strict=True)])
        )
        faces = [len(result.faces) for result in results]
        before = process.memory_info().rss if number == 0 else before
    parts = {part: round(1000 * statistics.median(found) / len(pictures), 3) for part, found in costs.items()}
    bare = parts["detection"] + parts["reading"]
    return {
        "milliseconds": parts,
        "faces": statistics.median(faces),
        "analysis_to_bare": round(parts["analysis"] / bare, 2),
        "drawing_to_analysis": round(parts["drawing"] / parts["analysis"], 2),
        "growth_mb": round((process.memory_info().rss - before) / 1e6, 1),
    }


def cost(work: Callable[[], object]) -> float:
    """Processor time of this process in seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def read_all(predictor: Predictor, pictures: Frames, found: list[Any]) -> None:
    """Read every face of every frame."""
    for frame, faces in zip(pictures, found, strict=True):
        landmarks = [face.landmarks for face in faces]
        predictor.read_boxes(frame, [face.bbox for face in faces], landmarks=landmarks, views="one")


def analyse(analyzer: LiveAnalyzer, pictures: Frames, results: list[Any]) -> None:
    """Give the analyser the frames one after another."""
    for number, frame in enumerate(pictures):
        results.append(analyzer.analyse(frame, number / FPS))


def show(figures: dict[str, dict[str, Any]]) -> None:
    """Print the table."""
    parts = ("detection", "reading", "analysis", "drawing")
    print(f"{'ms of one thread a frame':24}" + "".join(f"{part:>11}" for part in parts), end="")
    print(f"{'analysis/bare':>15}{'drawing/analysis':>18}{'growth MB':>11}{'faces':>7}")
    for name, found in figures.items():
        print(f"{name:24}" + "".join(f"{found['milliseconds'][part]:11.2f}" for part in parts), end="")
        print(f"{found['analysis_to_bare']:15.2f}{found['drawing_to_analysis']:18.2f}", end="")
        print(f"{found['growth_mb']:11.1f}{found['faces']:7.0f}")


if __name__ == "__main__":
    main()
