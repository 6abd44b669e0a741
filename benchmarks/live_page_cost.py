"""What does the live region of a run cost the server, against an empty fragment at the same rate?

    python -m benchmarks.live_page_cost [--seconds 30] [--rounds 3] [--epoch-seconds 2] [--json FILE]

A real server shows a run that another process extends, in one Chromium tab. The tab shows, in turns, a page without a
fragment, one with an empty fragment, and the live region; both fragments run once a second. A figure is the processor
time of the server process (user and system) in milliseconds a second, after the page has settled; the ratio is that of
the medians. The target: at most 1.5. Playwright and a Chromium are needed.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.live_browser import chromium, server
from fer_core.jobs import read_status, request_cancel
from tests.fer_app.training.growing_runs import start_growing_run

RUN = "growing"
KINDS = ("no fragment", "empty fragment", "live region")
SETTLING_SECONDS = 6
NOTED = 30  # epochs that the run begins with
PAGE = f"""
import streamlit as st
from fer_app.training.live_curves import show_live
from fer_app.training.live_curves.component import SECONDS_BETWEEN_LOOKS
from fer_core.training import open_run

@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def nothing():
    pass

kind = st.query_params["kind"]
st.title(kind)
if kind == "empty fragment":
    nothing()
elif kind == "live region":
    show_live(open_run("{RUN}"))
"""


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long each page is watched in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epoch-seconds", type=float, default=2, help="how often the run notes an epoch")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="live-page-") as place:
        home = Path(place) / "home"
        (home / "runs").mkdir(parents=True)
        run = start_growing_run(home / "runs", RUN, seconds=options.epoch_seconds, epochs=9999, noted=NOTED)
        try:
            with server(PAGE, Path(place), home) as (process, address), chromium() as browser:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.set_default_timeout(90_000)
                figures = measured(process, page, address, options)
        finally:
            end(run.folder)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def measured(process: psutil.Process, page: Any, address: str, options: argparse.Namespace) -> dict[str, Any]:
    """Watch every page in turns; milliseconds of processor time a second."""
    costs: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(options.rounds):
        for kind, found in costs.items():
            page.goto(f"{address}/?kind={kind.replace(' ', '%20')}")
            page.wait_for_selector("h1")
            if kind == "live region":
                page.wait_for_selector(".fer-curves .js-plotly-plot")
            page.wait_for_timeout(1000 * SETTLING_SECONDS)
            before, began_at = processor_seconds(process), time.perf_counter()
            page.wait_for_timeout(1000 * options.seconds)
            spent = processor_seconds(process) - before
            found.append(round(1000 * spent / (time.perf_counter() - began_at), 2))
    medians = {kind: statistics.median(found) for kind, found in costs.items()}
    ratio = round(medians["live region"] / medians["empty fragment"], 2)
    return {"milliseconds_a_second": costs, "medians": medians, "live_to_empty": ratio}


def processor_seconds(process: psutil.Process) -> float:
    """User and system time of the server so far; it has no children."""
    times = process.cpu_times()
    return float(times.user + times.system)


def end(folder: Path) -> None:
    """Stop the run and wait for its process."""
    request_cancel(folder)
    last = time.monotonic() + 20
    while read_status(folder).is_live and time.monotonic() < last:
        time.sleep(0.1)


def show(figures: dict[str, Any]) -> None:
    """Print the table."""
    print(f"{'milliseconds of processor time a second':42}{'median':>8}   rounds")
    for kind, found in figures["milliseconds_a_second"].items():
        print(f"{kind:42}{figures['medians'][kind]:8.1f}   {', '.join(map(str, found))}")
    print(f"\nlive region / empty fragment: {figures['live_to_empty']}")


if __name__ == "__main__":
    main()
