"""Kills the program at random moments of its long works and looks whether anything is lost.

    python -m tests.kills [--count 50] [--seed 0] [--work index --work edit --work push --work train]

Each work is begun in a process of its own and killed (SIGKILL) somewhere on its way. Afterwards everything must open,
nothing that was there or was acknowledged may be missing, and the same work, begun again, must end as an undisturbed
one does. Anything else is a finding, printed with the seed and the number that kill at the same moment again.
"""

import argparse
import contextlib
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from tests.killed_works import WORKS, settle
from tests.kills_of_training import kill_training

_PROCESSES = multiprocessing.get_context("forkserver")  # forks what has loaded everything, without its threads
_PROCESSES.set_forkserver_preload(["tests.killed_works", "tests.kills_of_training"])
_LATER = 1.1  # some kills come after the end, or into the last moment


@dataclass(frozen=True)
class Finding:
    """What was not as it should be after the kill of this number."""

    work: str
    number: int
    what: str


def _in_child(name: str, place: Path, said: Connection) -> None:
    settle(place)
    said.send("begun")
    WORKS[name].do(place, lambda: said.send("done"))


@contextlib.contextmanager
def _as_main_module() -> Iterator[None]:
    """A child loads its parent's main module; after a test of a page that is the page, which would fail there."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = sys.modules[_in_child.__module__]
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run(name: str, place: Path, seconds: float | None) -> tuple[int, float]:
    """Do a work in a process that is killed after some seconds; return what it acknowledged, and its seconds."""
    said, saying = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_in_child, args=(name, place, saying), name=f"kill-{name}")
    with _as_main_module():
        process.start()
    saying.close()
    said.recv()
    started_at = time.perf_counter()
    process.join(seconds)
    process.kill()
    process.join()
    took = time.perf_counter() - started_at
    acknowledged = 0
    with contextlib.suppress(EOFError):
        while said.recv():
            acknowledged += 1
    return acknowledged, took


def sweep(name: str, numbers: range, seed: int) -> Iterator[Finding]:
    """Kill a work once for each number, and yield what was wrong afterwards."""
    work = WORKS[name]
    with tempfile.TemporaryDirectory(prefix="kills-") as top:
        before, undisturbed = Path(top, "before"), Path(top, "undisturbed")
        work.prepare(before)
        shutil.copytree(before, undisturbed)
        _, seconds = _run(name, undisturbed, None)
        settle(undisturbed)
        expected = work.result(undisturbed)
        for number in numbers:
            place = Path(top, f"place-{number}")
            shutil.copytree(before, place)
            moment = float(np.random.default_rng((seed, number)).uniform(0, _LATER * seconds))
            yield from (Finding(name, number, what) for what in _one_kill(name, place, moment, expected))
            shutil.rmtree(place)


def _one_kill(name: str, place: Path, moment: float, expected: Any) -> Iterator[str]:
    work = WORKS[name]
    acknowledged, _ = _run(name, place, moment)
    settle(place)
    try:
        yield from work.check(place, acknowledged)
        work.do(place, lambda: None)
        result = work.result(place)
    except Exception as error:  # this is what is looked for
        yield f"after {1000 * moment:.0f} ms: {type(error).__name__}: {error}"
        return
    if result != expected:
        yield f"after {1000 * moment:.0f} ms, begun again, it ended as {str(result)[-300:]}, not {str(expected)[-300:]}"


def main() -> int:
    """Sweep as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first kill, to go on or to see one again")
    parser.add_argument("--work", action="append", choices=[*WORKS, "train"])
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.count)
    found = 0
    for name in options.work or [*WORKS, "train"]:
        findings = (
            (Finding(name, number, what) for number, what in kill_training(numbers, options.seed))
            if name == "train"
            else sweep(name, numbers, options.seed)
        )
        for finding in findings:
            found += 1
            print(f"{finding.work}, seed {options.seed}, number {finding.number}: {finding.what}", flush=True)
        print(f"{name}: {len(numbers)} kills", flush=True)
    print(f"{found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
