"""How long does the server take to run each page's script again, with a dataset as large as FER2013?

    python -m benchmarks.page_reruns [--home FOLDER] [--dataset NAME] [--images 32298] [--rounds 5] [--json FILE]

FOLDER is a FER_HOME to look at; without it one is made with generated pictures. Every view of every page is opened, and
then run again as a click would. A figure is the processor time of one run in seconds, the median of the rounds; the
first run, which fills the caches, stands beside it. The target: at most 0.3 s.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.index_speed import generate
from fer_core.dataset import add_dataset

TARGET = 0.3  # seconds
_MAIN = Path(__file__).parents[1] / "fer_app/main.py"
VIEWS: dict[str, tuple[str, ...]] = {
    "home": ("",),
    "dataset": ("health", "browse", "samples", "duplicates", "map", "corrections"),
    "training": ("new", "runs"),
    "models": ("overview", "evaluation", "robustness", "predictions", "groups", "compare", "explain"),
    "prediction": ("photos", "batch"),
    "storage": ("",),
}


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="a FER_HOME; one is made without it")
    parser.add_argument("--dataset", default="faces", help="a dataset in it")
    parser.add_argument("--images", type=int, default=32_298, help="pictures to generate where one is made")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="page-reruns-") as place:
        os.environ["FER_HOME"] = str(options.home or Path(place) / "home")
        if options.home is None:
            add_dataset(generate(Path(place) / "pictures", options.images), name=options.dataset)
        views = [
            {"page": page, "view": view, **measured(page, view, options.dataset, options.rounds)}
            for page, names in VIEWS.items()
            for view in names
        ]
    figures = {"slowest": max(view["again"] for view in views), "views": views}
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def measured(page: str, view: str, dataset: str, rounds: int) -> dict[str, float]:
    """Processor seconds of the first run of a view, and of the next ones."""
    app = AppTest.from_file(str(_MAIN), default_timeout=300)
    app.run()
    app.switch_page(f"../pages/{page}.py")
    for key, value in (("view", view), ("dataset", dataset if page != "training" else "")):
        if value:
            app.query_params[key] = value
    first = _spent(app)
    return {"first": first, "again": statistics.median(_spent(app) for _ in range(rounds))}


def _spent(app: AppTest) -> float:
    began = time.process_time()
    app.run()
    spent = time.process_time() - began
    if app.exception:
        raise SystemExit(f"a page failed: {app.exception}")
    return round(spent, 3)


def show(figures: dict[str, object]) -> None:
    """Print the table."""
    print(f"{'page':14}{'view':16}{'first s':>9}{'again s':>9}")
    for view in figures["views"]:
        print(f"{view['page']:14}{view['view']:16}{view['first']:9.3f}{view['again']:9.3f}")
    verdict = "met" if figures["slowest"] <= TARGET else "missed"
    print(f"\nslowest: {figures['slowest']:.3f} s (target: at most {TARGET:g} s) - {verdict}")


if __name__ == "__main__":
    main()
