"""One command, one table: what the program costs, each figure against a bare reference measured in the same run.

    python -m benchmarks.bench [--only NAME,…] [--json FILE]

Each row is one figure of one script beside this one, which runs in a process of its own with few rounds; the scripts
themselves measure longer and tell more. What cannot be measured here, such as live video without a Chromium, says why.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_PROJECT = Path(__file__).parents[1]
_LIMIT_SECONDS = 1200  # for one script


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Args:
        title: What is measured, and against what.
        read: The figure in what its script writes.
        target: What it should be.
        at_least: Whether more is better.
        unit: Of figure and target.
    """

    title: str
    read: Callable[[dict[str, Any]], float]
    target: float
    at_least: bool = False
    unit: str = "times"


@dataclass(frozen=True)
class Row:
    """A row that has been measured, or says why it was not."""

    script: str
    title: str
    value: float | None
    unit: str
    target: str
    verdict: str


# script: how it is called, and its figures
SCRIPTS: dict[str, tuple[tuple[str, ...], tuple[Figure, ...]]] = {
    "network_speed": (("--rounds", "10"), (
        Figure("one face: our network / that of `fer`", lambda all_: all_["ours_to_theirs"], 1.0),
        Figure("one face: ten views / one view", lambda all_: all_["all_to_one"], 10.0),
    )),
    "photo_pipeline": (("--rounds", "7", "--fer"), (
        Figure("photo with six faces, ten views / its bare parts", lambda all_: all_["views all"]["ratio"], 1.6),
        Figure("photo: our rate / that of `fer`", lambda all_: all_["fer"]["times_the_rate_with_views_all"], 5.0,
               at_least=True),
        Figure("start of a process to its first result", lambda all_: all_["first result"]["processor_seconds"], 1.5,
               unit="s"),
    )),
    "index_speed": (("--growth", "", "--rounds", "2"), (
        Figure("indexing 10,000 pictures / the faster bare decoding", lambda all_: max(
            all_["index_to"]["bare, threads"], all_["index_to"]["bare, processes"]), 1.8),
        Figure("opening an index again", lambda all_: all_["reopening"]["best_seconds"], 0.3, unit="s"),
    )),
    "training_rate": (("--augmentation", "standard", "--rounds", "3"), (
        Figure("`fit` with augmentation: the bare step's share of its time",
               lambda all_: all_["rates"][0]["processor_share"], 0.85, at_least=True),
    )),
    "page_reruns": (("--rounds", "3"), (
        Figure("slowest page run again, 32,298 pictures", lambda all_: all_["slowest"], 0.3, unit="s"),
    )),
    "webcam_rate": (("--seconds", "10", "--rounds", "1", "--visitors", "1"), (
        Figure("webcam: frames shown / with an empty callback", lambda all_: all_["1 at once"]["shown_to_empty"], 0.9,
               at_least=True),
        Figure("webcam: frames read / shown with an empty callback",
               lambda all_: all_["1 at once"]["analysed_to_empty"], 0.75, at_least=True),
        Figure("webcam: added delay", lambda all_: all_["1 at once"]["added_delay_ms"], 60.0, unit="ms"),
    )),
}  # fmt: skip


def main() -> int:
    """Run the scripts, print the table and write JSON; returns 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SCRIPTS), help=f"some of {', '.join(SCRIPTS)}")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(SCRIPTS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; known: {', '.join(SCRIPTS)}")
    rows = []
    print(f"{'':60}{'figure':>14}{'target':>20}", flush=True)
    for script in options.only.split(","):
        for row in measured(script):
            rows.append(row)
            value = "-" if row.value is None else f"{row.value:.2f} {row.unit}"
            print(f"{row.title:60}{value:>14}{row.target:>20}  {row.verdict}", flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")
    return 1 if any(row.verdict == "missed" for row in rows) else 0


def measured(script: str) -> Iterator[Row]:
    """Run a script and read its figures."""
    arguments, figures = SCRIPTS[script]
    found, reason = _run(script, arguments)
    for figure in figures:
        target = f"{'at least' if figure.at_least else 'at most'} {figure.target:g} {figure.unit}"
        if found is None:
            yield Row(script, figure.title, None, figure.unit, target, f"not measured: {reason}")
            continue
        value = float(figure.read(found))
        is_met = value >= figure.target if figure.at_least else value <= figure.target
        yield Row(script, figure.title, value, figure.unit, target, "met" if is_met else "missed")


def _run(script: str, arguments: tuple[str, ...]) -> tuple[dict[str, Any] | None, str]:
    """What a script measured, or None and the last line of what it said."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        written = Path(place) / "figures.json"
        command = [sys.executable, "-m", f"benchmarks.{script}", *arguments, "--json", str(written)]
        began = time.monotonic()
        try:
            done = subprocess.run(
                command, cwd=_PROJECT, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return None, f"it took more than {_LIMIT_SECONDS} s"
        if done.returncode or not written.exists():
            said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
            return None, f"{said[:120]} (after {time.monotonic() - began:.0f} s)"
        return json.loads(written.read_text(encoding="utf-8")), ""


if __name__ == "__main__":
    sys.exit(main())
