from pathlib import Path

from fer_core.notebook.computer import describe_computer
from tests.notebook.displays import Displays


def test_the_first_cells_say_where_things_are_kept_and_what_trains(fer_home: Path, displays: Displays) -> None:
    describe_computer()
    (shown,) = displays
    kept, trains = shown["data"]["text/html"].split("<br>")
    assert kept == f"Everything is kept in {fer_home}."
    assert trains.startswith("Trainings run on ")
