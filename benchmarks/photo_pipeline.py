"""What does a photo cost, against the sum of its bare parts, and against the `fer` package?

    python -m benchmarks.photo_pipeline [--views all,one] [--rounds 15] [--fer] [--environment FOLDER] [--json FILE]

A JPEG of 1280 x 720 pixels with six faces is read on one core. The pipeline (`predict` on the file's bytes) and the
bare parts (Pillow's decoding, YuNet on two pictures that lie ready, LiteRT on batches that lie ready) take turns in one
process, so that whatever else the computer does slows both. `--fer` adds the `fer` package with its Haar detector, in
a process of its own on the same core, taking turns too; its environment is made in the folder given, or a temporary
one. Targets: at most 1.6 times the bare parts, at least 5 times the rate of `fer`, and from the start of a process to
its first result at most 1.5 s and 150 MB.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.fer_package import FerProcess, make_environment
from fer_core.faces import FaceDetector
from fer_core.faces.detection import PASSES
from fer_core.images import read_image
from fer_core.models.classifier import _BATCH
from fer_core.models.litert import LiteRtNetwork
from fer_core.models.package import LITERT_FILE
from fer_core.models.views import VIEWS
from fer_core.prediction import load_predictor
from tests.scenes import grid

FIRST_RESULT = """
import sys
from fer_core.prediction import load_predictor
faces = load_predictor().predict(sys.argv[1]).faces
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(len(faces), peak)
"""


def main() -> None:
    """Measure what the command line asks for, print the figures and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--views", default="all,one")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--fer", action="store_true", help="compare with the `fer` package")
    parser.add_argument("--environment", type=Path, help="where the environment of `fer` is or shall be")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    use_one_core()
    photo = make_photo()
    figures: dict[str, object] = {"first result": first_result(photo)}
    show("first result", figures["first result"])
    for views in options.views.split(","):
        figures[f"views {views}"] = against_parts(photo, views, options.rounds)
        show(f"views {views}", figures[f"views {views}"])
    if options.fer:
        with tempfile.TemporaryDirectory() as temporary:
            python = make_environment(options.environment or Path(temporary) / "fer")
            figures["fer"] = against_fer(photo, python, options.views.split(","), options.rounds)
        show("fer", figures["fer"])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def use_one_core() -> None:
    """Keep this process, and those it starts, on one core, where the system can."""
    cv2.setNumThreads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def make_photo() -> bytes:
    """The JPEG: six faces of 90 to 150 pixels, tilted and lit in different ways."""
    file = io.BytesIO()
    Image.fromarray(grid(1280, 720, 3, 2)[0]).save(file, "JPEG", quality=90)
    return file.getvalue()


def first_result(photo: bytes) -> dict[str, float]:
    """From the start of a process to its first result: seconds, processor seconds, peak memory."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(photo)
        file.flush()
        before, started_at = os.times(), time.perf_counter()
        command = [sys.executable, "-c", FIRST_RESULT, file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, after = time.perf_counter() - started_at, os.times()
    num_faces, kilobytes = map(int, done.stdout.split())
    if num_faces != 6:
        raise SystemExit(f"expected 6 faces, found {num_faces}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"seconds": seconds, "processor_seconds": spent, "megabytes": kilobytes / 1024}


def against_parts(photo: bytes, views: str, rounds: int) -> dict[str, float]:
    """Let the pipeline and its bare parts take turns; milliseconds of processor time, medians."""
    predictor = load_predictor()
    num_faces = len(predictor.predict(photo, views=views).faces)
    parts = bare_parts(photo, views, num_faces)
    ways = {"pipeline": lambda: predictor.predict(photo, views=views), **parts}
    turns = [{name: spent(way) for name, way in ways.items()} for _ in range(rounds + 1)][1:]
    ratios = [turn["pipeline"] / sum(turn[name] for name in parts) for turn in turns]
    medians = {f"{name}_ms": statistics.median(turn[name] for turn in turns) for name in ways}
    return {"faces": num_faces, **medians, "ratio": statistics.median(ratios), "highest_ratio": max(ratios)}


def bare_parts(photo: bytes, views: str, num_faces: int) -> dict[str, Callable[[], object]]:
    """Decoding, the two passes of the detector and the calls of the network, without anything around them."""
    image = read_image(photo)
    detector = FaceDetector()
    small = {
        side: cv2.resize(image, (side, side * 9 // 16), interpolation=cv2.INTER_AREA)[..., ::-1] for side in PASSES
    }
    small = {side: np.ascontiguousarray(pixels) for side, pixels in small.items()}

    def detect() -> None:
        with detector._networks.lend() as yunet:
            for pixels in small.values():
                yunet.setInputSize((pixels.shape[1], pixels.shape[0]))
                yunet.detect(pixels)

    package = load_predictor().info
    folder = Path(__file__).parents[1] / "fer_core" / "models" / "shipped"
    network = LiteRtNetwork((folder / LITERT_FILE).read_bytes())
    per_call = max(1, _BATCH // VIEWS[views]) * VIEWS[views]
    left = num_faces * VIEWS[views]
    sizes = [min(per_call, left - start) for start in range(0, left, per_call)]
    noise = np.random.default_rng(0).uniform(
        0, 255, (per_call, package.input_size, package.input_size, package.channels)
    )
    batches = [noise[:size].astype(np.float32) for size in sizes]

    def decode() -> None:
        Image.open(io.BytesIO(photo)).load()

    return {"decode": decode, "detect": detect, "network": lambda: [network.run(batch) for batch in batches]}


def against_fer(photo: bytes, python: Path, views: list[str], rounds: int) -> dict[str, float]:
    """Let the pipeline and `fer` take turns on the same JPEG; milliseconds of processor time, medians."""
    predictor = load_predictor()
    with FerProcess(python, photo) as package:
        turns = []
        for _ in range(rounds + 1):
            turn = {f"views_{name}": spent(lambda name=name: predictor.predict(photo, views=name)) for name in views}
            turns.append(turn | {"fer": package.milliseconds()})
        figures: dict[str, float] = {"faces_of_fer": package.num_faces}
    turns = turns[1:]
    figures |= {f"{name}_ms": statistics.median(turn[name] for turn in turns) for name in turns[0]}
    for name in views:
        figures[f"times_the_rate_with_views_{name}"] = statistics.median(
            turn["fer"] / turn[f"views_{name}"] for turn in turns
        )
    return figures


def spent(way: Callable[[], object]) -> float:
    """Milliseconds of processor time of one call."""
    started_at = time.process_time()
    way()
    return 1000 * (time.process_time() - started_at)


def show(title: str, figures: object) -> None:
    """Print one line of figures."""
    items = figures.items() if isinstance(figures, dict) else []
    print(f"{title}: " + ", ".join(f"{name} {value:.2f}" for name, value in items), flush=True)


if __name__ == "__main__":
    main()
