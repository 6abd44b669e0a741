"""FER_HOME on a mounted Google Drive: no locks, no links, whole seconds, one name for all capitals, a quota.

A small library between the program and the system makes a folder behave so, for every process that is started with it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.dataset.drawn.faces import write_drawn_faces
from tests.source_tree import PROJECT

COMPILER = shutil.which("cc")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(COMPILER is None or sys.platform != "linux", reason="needs a C compiler on Linux"),
]
# What a session does with a home on the drive; prints what came of it.
SESSION = """
import fcntl, json, os, sys, threading
from pathlib import Path
from fer_core.dataset import add_dataset, list_datasets, merge_datasets, open_dataset
from fer_core.dataset.corrections.edits import exclude, read_corrections
from fer_core.dataset.file_changes import changed_files
from fer_core.errors import FerError
from fer_core.jobs import read_status, run_here
from fer_core.storage import transfer
from fer_core.training import TrainConfig
from fer_core.training.runs.queue import one_starter, training_queue

import h5py  # after fer_core, as in every process that trains

packed, drive = sys.argv[1:]
found = {}
home = Path(os.environ["FER_HOME"])
home.mkdir(parents=True)
with open(home / "probe", "w") as probe:
    try:
        fcntl.flock(probe, fcntl.LOCK_EX)
    except OSError as error:
        found["locks"] = error.strerror
h5py.File(home / "weights.h5", "w").close()
small = add_dataset(packed, name="small")
threads = [
    threading.Thread(target=exclude, args=(small, [number]), kwargs={"reason": "x"}) for number in range(8)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
found["corrections"] = len(read_corrections(small))
try:
    add_dataset(packed, name="SMALL")
except FerError as error:
    found["twin"] = str(error)
other = add_dataset(packed, name="other")
found["merged"] = len(merge_datasets(["small", "other"], name="both").index.table)
with one_starter():
    run_here(home / "jobs/queued", "tests.jobs.targets:count", {"upto": 2}, title="x", queue=training_queue())
found["queued"] = read_status(home / "jobs/queued").state
found["pushed"] = transfer("push", drive + "/place", ["small"]).failed
os.environ["FER_HOME"] = drive + "/second"
found["pulled"] = transfer("pull", drive + "/place", ["small"]).failed
found["changed"] = len(changed_files(open_dataset("small")))
os.environ["DRIVE_QUOTA"] = "0"
try:
    add_dataset(packed, name="late")
except FerError as error:
    found["quota"] = str(error)
found["left"] = [dataset.name for dataset in list_datasets()]
print(json.dumps(found))
"""


@pytest.fixture(scope="session")
def drive_library(tmp_path_factory):
    library = tmp_path_factory.mktemp("library") / "drive.so"
    source = Path(__file__).with_name("mounted_drive.c")
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def test_a_home_on_a_mounted_drive_works(drive_library, tmp_path):
    write_drawn_faces(tmp_path / "faces", num_train=14, num_test=7)
    packed = shutil.make_archive(str(tmp_path / "small"), "zip", tmp_path / "faces")
    drive = tmp_path / "drive"
    drive.mkdir()
    answer = subprocess.run(
        [sys.executable, "-c", SESSION, packed, str(drive)],
        cwd=PROJECT,
        env=os.environ
        | {"LD_PRELOAD": str(drive_library), "DRIVE_FOLDER": str(drive), "FER_HOME": str(drive / "home")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    found = json.loads(answer.stdout.splitlines()[-1])
    assert found["locks"] == "Operation not supported", "the folder does not behave as it should"
    assert found["corrections"] == 8, "an edit was lost"
    assert "SMALL" in found["twin"]
    assert found["merged"] == 21 + 21 - 8
    assert found["queued"] == "completed"
    assert (found["pushed"], found["pulled"], found["changed"]) == ({}, {}, 0)
    assert "full" in found["quota"]
    assert found["left"] == ["small"]
