"""How fast, how small and how quick to reopen is the index, against a bare Pillow decode loop in the same run?

    python -m benchmarks.index_speed [FOLDER] [--growth 10000,50000,200000] [--rounds 3] [--json FILE]

FOLDER holds class folders, by default 10,000 faces generated on the spot. The bare loop is `Image.open(path)
.convert("L")` and nothing else, over the same files with as many workers, once in threads and once in processes that
are already running. Indexing reads, decodes, measures, hashes and writes. Each figure is the best of the rounds, which
take turns; memory is the peak of a fresh process. The target: at most 1.8 times the faster bare loop, at most twice the
pixel file plus 300 MB, reopened in at most 0.3 s, the same cost an image at 200,000 images.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from fer_core.dataset.index import IMAGES_NAME, open_index
from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.sources.folders import read_class_folders
from fer_core.processors import num_processors

PROJECT = Path(__file__).parents[1]
CHUNK = 64  # paths handed to a process at a time
LABELS = ("angry", "happy", "sad")


def main() -> None:
    """Measure what the command line asks for, print tables and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="class folders")
    parser.add_argument("--growth", default="10000,50000,200000", help="sizes of generated datasets; '' for none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)  # one fresh process: index this folder
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured_here(options.measure)))
        return
    with tempfile.TemporaryDirectory(prefix="index-speed-") as place:
        folder = options.folder or generate(Path(place) / "faces", 10_000)
        figures: dict[str, Any] = {"workers": num_processors(), **speed(folder, Path(place), options.rounds)}
        figures["memory"] = memory(folder)
        figures["reopening"] = reopening(Path(place) / "index")
        sizes = [int(size) for size in options.growth.split(",") if size]
        figures["growth"] = [memory(generate(Path(place) / str(size), size)) for size in sizes]
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def generate(folder: Path, num_images: int) -> Path:
    """Write different smooth 48 x 48 pictures, every other one a JPEG, 1,000 in each class folder."""
    rng = np.random.default_rng(0)
    for number in range(num_images):
        place = folder / f"part{number // 3000}" / LABELS[number % 3]
        if number % 3000 < 3:
            place.mkdir(parents=True)
        face = cv2.resize(rng.integers(0, 256, (7, 7), dtype=np.uint8), (48, 48), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(place / f"{number}.{('png', 'jpg')[number % 2]}"), face)
    return folder


def speed(folder: Path, place: Path, rounds: int) -> dict[str, Any]:
    """Seconds and processor seconds of indexing and of both bare loops, and their ratios."""
    started_at = time.perf_counter()
    pictures = read_class_folders(folder)
    listing = time.perf_counter() - started_at
    paths = [str(folder / path) for path in pictures["path"]]
    for path in paths:  # from here on every file comes from the system's cache
        Path(path).read_bytes()
    (place / "index").mkdir(exist_ok=True)
    with (
        multiprocessing.get_context("spawn").Pool(num_processors()) as processes,
        ThreadPoolExecutor(num_processors()) as threads,
    ):
        processes.map(bare, paths[: 4 * num_processors()])
        ways: dict[str, Callable[[], Any]] = {
            "index": lambda: build_index(pictures, folder, place / "index"),
            "bare, threads": lambda: sum(threads.map(bare, paths)),
            "bare, processes": lambda: sum(processes.imap(bare, paths, chunksize=CHUNK)),
            "bare, one thread": lambda: sum(map(bare, paths)),
        }
        turns = [{name: timed(way) for name, way in ways.items()} for _ in range(rounds)]
    seconds = {name: min(turn[name] for turn in turns) for name in ways}
    microseconds = {name: round(1e6 * value / len(paths), 1) for name, value in seconds.items()}
    ratios = {name: round(seconds["index"] / seconds[name], 2) for name in ways if name != "index"}
    return {
        "num_images": len(paths),
        "listing_seconds": round(listing, 3),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "microseconds_an_image": microseconds,
        "index_to": ratios,
    }


def bare(path: str) -> int:
    """Decode one picture as simply as it gets."""
    return len(np.asarray(Image.open(path).convert("L")))


def timed(way: Callable[[], Any]) -> float:
    """Seconds of one call."""
    started_at = time.perf_counter()
    way()
    return time.perf_counter() - started_at


def memory(folder: Path) -> dict[str, Any]:
    """What `measured_here` finds in a process that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.index_speed", "--measure", str(folder.absolute())]
    process = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT)
    return dict(json.loads(process.stdout))


def measured_here(folder: Path) -> dict[str, Any]:
    """Index a folder once; cost an image and peak memory of this process, which starts no other."""
    pictures = read_class_folders(folder)
    with tempfile.TemporaryDirectory(prefix="index-speed-") as place:
        before = resource.getrusage(resource.RUSAGE_SELF)
        seconds = timed(lambda: build_index(pictures, folder, Path(place)))
        after = resource.getrusage(resource.RUSAGE_SELF)
        pixel_bytes = (Path(place) / IMAGES_NAME).stat().st_size
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "num_images": len(pictures),
        "microseconds_an_image": round(1e6 * seconds / len(pictures), 1),
        "processor_microseconds_an_image": round(1e6 * processor / len(pictures), 1),
        "peak_mb": round(peak_bytes() / 1e6, 1),
        "allowed_mb": round((2 * pixel_bytes) / 1e6 + 300, 1),
    }


def peak_bytes() -> int:
    """Peak resident memory of this process; Linux would carry over the parent's peak in `ru_maxrss`."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return 1024 * int(lines["VmHWM"].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def reopening(index_folder: Path, rounds: int = 5) -> dict[str, float]:
    """Seconds until table and pixels can be asked: the first time in this process, and the best of some more."""
    times = [timed(lambda: open_index(index_folder).counts()) for _ in range(rounds)]
    return {"first_seconds": round(times[0], 3), "best_seconds": round(min(times), 3)}


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"{figures['num_images']:,} images, {figures['workers']} workers, {os.cpu_count()} processors\n")
    print(f"{'':18}{'s':>8}{'µs an image':>14}{'index / it':>12}")
    for name, seconds in figures["seconds"].items():
        ratio = figures["index_to"].get(name, "")
        print(f"{name:18}{seconds:8.2f}{figures['microseconds_an_image'][name]:14.1f}{ratio:>12}")
    print(f"{'listing the files':18}{figures['listing_seconds']:8.2f}")
    reopened = figures["reopening"]
    print(f"\nreopened in {reopened['first_seconds']} s, then {reopened['best_seconds']} s\n")
    print(f"{'images':>9}{'µs an image':>14}{'µs of processor':>17}{'peak MB':>10}{'allowed MB':>12}")
    for row in (figures["memory"], *figures["growth"]):
        numbers = (row["num_images"], row["microseconds_an_image"], row["processor_microseconds_an_image"])
        print(f"{numbers[0]:9,}{numbers[1]:14.1f}{numbers[2]:17.1f}{row['peak_mb']:10.1f}{row['allowed_mb']:12.1f}")


if __name__ == "__main__":
    main()
