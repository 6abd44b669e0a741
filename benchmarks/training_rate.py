"""How fast is a training with augmentation, against the bare training step on pictures that are ready?

    python -m benchmarks.training_rate [--augmentation none,standard,strong] [--architecture compact] [--rounds 6]
                                       [--batches 30] [--batch-size 64] [--size 48] [--channels 1] [--crop 0.833]
                                       [--mixup 0] [--precision float32] [--json FILE]

`fit` on the stream of uint8 pictures, with augmentation, and the bare step (`train_on_batch` of the network alone, on
float32 crops that lie ready) take turns in one process, so that whatever else the computer does slows both. The share
of the rate is the median over the turns; the share of processor time also holds on a busy computer. The target is
85 % with the compact network in float32 on two cores.
"""

import argparse
import gc
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as in training

import keras
import numpy as np

from fer_core.models.architectures import build_network
from fer_core.training import TrainConfig
from fer_core.training.fitting.stream import TrainingStream, as_fit_input
from fer_core.training.fitting.training_model import build_training_model

NUM_CLASSES = 7


@dataclass(frozen=True)
class Rate:
    """What one augmentation costs.

    Args:
        augmentation: Its name.
        fit_rate: Pictures a second of `fit`, in its best turn.
        bare_rate: Pictures a second of the bare step, in its best turn.
        share: Rate of `fit` as a share of the bare one in the same turn, median over the turns.
        lowest_share: The lowest of these.
        processor_share: Processor time of all bare steps as a share of that of all fits.
        fit_microseconds: Processor time of `fit` for a picture.
        bare_microseconds: Processor time of the bare step for a picture.
    """

    augmentation: str
    fit_rate: float
    bare_rate: float
    share: float
    lowest_share: float
    processor_share: float
    fit_microseconds: float
    bare_microseconds: float


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--augmentation", default="none,standard,strong")
    parser.add_argument("--architecture", default="compact")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--batches", type=int, default=30, help="in a turn")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--size", type=int, default=48, help="side of the pictures in pixels")
    parser.add_argument("--channels", type=int, default=1, choices=(1, 3))
    parser.add_argument("--crop", type=float, default=0.833, help="side of the crop as a share of the picture's")
    parser.add_argument("--mixup", type=float, default=0.0, help="share of the batches")
    parser.add_argument("--precision", default="float32", choices=("float32", "mixed_bfloat16"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    keras.config.set_dtype_policy(options.precision)
    print(f"{options.architecture}, {options.precision}, Keras on {keras.backend.backend()}, {os.cpu_count()} cores\n")
    headings = f"{'fit/s':>8}{'bare/s':>8}{'share':>8}{'lowest':>8}{'of processor':>14}{'µs fit':>9}{'bare':>8}"
    print(f"{'augmentation':14}{headings}")
    rates = []
    for name in options.augmentation.split(","):
        rates.append(measure(name, options))
        show(rates[-1])
    if options.json:
        figures = {name: str(value) for name, value in vars(options).items() if name != "json"}
        text = json.dumps({"settings": figures, "rates": [asdict(rate) for rate in rates]}, indent=2)
        options.json.write_text(text, encoding="utf-8")


def measure(augmentation: str, options: argparse.Namespace) -> Rate:
    """Let `fit` and the bare step take turns."""
    num_images = options.batches * options.batch_size
    ways = {"fit": fitting(augmentation, options), "bare": stepping(options)}
    for way in ways.values():  # compiled, and in memory
        way()
    turns = [{name: timed(way) for name, way in ways.items()} for _ in range(options.rounds)]
    seconds, processor = ({name: [turn[name][i] for turn in turns] for name in ways} for i in range(2))
    shares = [bare / fit for fit, bare in zip(seconds["fit"], seconds["bare"], strict=True)]
    spent = {name: sum(values) for name, values in processor.items()}
    return Rate(
        augmentation=augmentation,
        fit_rate=num_images / min(seconds["fit"]),
        bare_rate=num_images / min(seconds["bare"]),
        share=statistics.median(shares),
        lowest_share=min(shares),
        processor_share=spent["bare"] / spent["fit"],
        fit_microseconds=1e6 * spent["fit"] / num_images / options.rounds,
        bare_microseconds=1e6 * spent["bare"] / num_images / options.rounds,
    )


def fitting(augmentation: str, options: argparse.Namespace) -> Callable[[], object]:
    """One epoch of the training as the trainer does it, on pictures of noise."""
    config = TrainConfig(
        dataset="noise",
        architecture=options.architecture,
        augmentation=augmentation,
        crop_low=options.crop,
        crop_high=options.crop,
        mixup=options.mixup,
        batch_size=options.batch_size,
    )
    rng = np.random.default_rng(0)
    shape = (options.size, options.size, options.channels)
    images = rng.integers(0, 256, (options.batches * options.batch_size, *shape), np.uint8)
    targets = one_hot(len(images), rng)
    stream = TrainingStream(images, targets, batch_size=config.batch_size, seed=0)
    model = build_training_model(config, network_for(options), shape, class_counts=targets.sum(axis=0).astype(np.int64))
    model.compile(optimizer=optimizer(), metrics=["accuracy"], jit_compile=jit_compile())
    return lambda: model.fit(as_fit_input(stream), shuffle=False, verbose=0)


def stepping(options: argparse.Namespace) -> Callable[[], object]:
    """As many bare steps, on four batches of crops that lie ready as float32."""
    rng = np.random.default_rng(0)
    side = round(options.crop * options.size)
    images = rng.uniform(0, 255, (4, options.batch_size, side, side, options.channels)).astype(np.float32)
    targets = one_hot(options.batch_size, rng)
    network = network_for(options)
    network.compile(optimizer=optimizer(), loss="categorical_crossentropy", jit_compile=jit_compile())

    def steps() -> None:
        for number in range(options.batches):
            network.train_on_batch(images[number % 4], targets)

    return steps


def network_for(options: argparse.Namespace) -> keras.Model:
    """The network, untrained, for pictures of any side."""
    keras.utils.set_random_seed(0)
    return build_network(options.architecture, num_classes=NUM_CLASSES, input_size=None, channels=options.channels)


def one_hot(num: int, rng: np.random.Generator) -> Any:
    """(num, classes) float32."""
    return np.eye(NUM_CLASSES, dtype=np.float32)[rng.integers(0, NUM_CLASSES, num)]


def optimizer() -> keras.optimizers.Optimizer:
    """The default of a training; noise has nothing to learn, so the rate stays low."""
    return keras.optimizers.SGD(1e-3, momentum=0.9, nesterov=True, weight_decay=5e-3)


def jit_compile() -> str | bool:
    """As in training: JAX compiles everything, TensorFlow nothing."""
    return "auto" if keras.backend.backend() == "jax" else False


def timed(way: Callable[[], object]) -> tuple[float, float]:
    """Seconds and processor seconds of one call."""
    gc.collect()
    started_at, processor_at = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - started_at, time.process_time() - processor_at


def show(rate: Rate) -> None:
    """Print one row of the table."""
    print(
        f"{rate.augmentation:14}{rate.fit_rate:8.0f}{rate.bare_rate:8.0f}{rate.share:8.1%}{rate.lowest_share:8.1%}"
        f"{rate.processor_share:14.1%}{rate.fit_microseconds:9.0f}{rate.bare_microseconds:8.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
