"""How much faster does a batch get with more processors, and how much memory does it take?

    python -m benchmarks.batch_rate [--pictures 120] [--rounds 3] [--cores 2] [--views one|all] [--width 1280]
                                    [--json FILE]

The same photos (six faces each, JPEG) are read by processes of their own, bound to one processor and to several in
turn; the rate counts from the first picture to the last, so that imports and the model's loading stay out of it. The
ratio is the median over the turns; the target is 1.8 on two cores. On a busy computer look at the share of the
processors' time as well: a batch that waits for a processor cannot be as fast as one that has it.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from fer_core.prediction import load_predictor
from fer_core.prediction.batch import BatchSettings, write_predictions
from tests.scenes import grid

WARM_UP = 8  # pictures: the threads' detectors and networks are made for the first ones


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--views", choices=("one", "all"), default="all")
    parser.add_argument("--width", type=int, default=1280, help="of a photo, in pixels; its height is 9/16 of it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read(options.read, options.cores, options.views)))
        return
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < options.cores:
        sys.exit(f"{options.cores} processors are asked for, and {len(usable)} may be used.")
    turns = measure(options)
    show(turns, options)
    if options.json:
        settings = {name: str(value) for name, value in vars(options).items() if name not in ("json", "read")}
        options.json.write_text(json.dumps({"settings": settings, "turns": turns}, indent=2), encoding="utf-8")


def measure(options: argparse.Namespace) -> list[dict[str, dict[str, float]]]:
    """Let one processor and several take turns."""
    with tempfile.TemporaryDirectory() as folder:
        make_photos(Path(folder) / "photos", options.pictures, options.width)
        turns = []
        for _ in range(options.rounds):
            turn = {}
            for cores in (1, options.cores):
                command = [sys.executable, "-m", "benchmarks.batch_rate", "--read", folder, "--cores", str(cores)]
                done = subprocess.run([*command, "--views", options.views], capture_output=True, text=True, check=True)
                turn[str(cores)] = json.loads(done.stdout)
            turns.append(turn)
        return turns


def make_photos(folder: Path, number: int, width: int) -> None:
    """Write one photo with six faces, linked under many names."""
    folder.mkdir()
    first = folder / "photo-00000.jpg"
    Image.fromarray(grid(width, width * 9 // 16, 3, 2)[0]).save(first, quality=92)
    for copy in range(1, number + WARM_UP):
        os.link(first, folder / f"photo-{copy:05}.jpg")


def read(folder: Path, cores: int, views: str) -> dict[str, float]:
    """Read the photos on so many processors, in this process."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    predictor = load_predictor()
    started: list[float] = []

    def on_progress(done: int, total: int) -> None:
        if done == WARM_UP:
            started.extend([time.perf_counter(), time.process_time()])

    out = folder / f"faces-{os.getpid()}.csv"
    summary = write_predictions(
        predictor, [folder / "photos"], out, settings=BatchSettings(views=views), on_progress=on_progress
    )
    seconds, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    number = summary.num_pictures - WARM_UP
    return {
        "rate": number / seconds,
        "processor_ms": 1000 * processor / number,
        "busy": processor / seconds / cores,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "faces": summary.num_faces / summary.num_pictures,
    }


def show(turns: list[dict[str, dict[str, float]]], options: argparse.Namespace) -> None:
    """Print the medians and the ratio."""
    print(f"{options.pictures} photos {options.width} wide, six faces each, {options.views} views, median of turns\n")
    print(f"{'cores':>6}{'pictures/s':>12}{'ms of processor':>17}{'busy':>7}{'memory':>10}{'faces':>7}")
    for cores in ("1", str(options.cores)):
        figures = {name: statistics.median(turn[cores][name] for turn in turns) for name in turns[0][cores]}
        print(
            f"{cores:>6}{figures['rate']:12.1f}{figures['processor_ms']:17.1f}{figures['busy']:7.0%}"
            f"{figures['memory_mb']:7.0f} MB{figures['faces']:7.1f}"
        )
    ratios = sorted(turn[str(options.cores)]["rate"] / turn["1"]["rate"] for turn in turns)
    print(f"\nratio {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
