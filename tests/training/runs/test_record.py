import hashlib
import json
from pathlib import Path

from fer_core.dataset.corrections.edits import exclude
from fer_core.training import TrainConfig
from fer_core.training.learning_split import learning_split
from tests.training.fitting.fits import add_drawn_faces


def test_a_record_tells_how_to_make_the_run_again(fer_home: Path, tmp_path: Path) -> None:
    from fer_core.training.runs.record import begin_record, end_record

    dataset, config = add_drawn_faces(tmp_path), TrainConfig("faces", epochs=7, seed=3, deterministic=True)
    exclude(dataset, [1])
    index, split = learning_split(dataset, config)
    folder = tmp_path / "my run"
    folder.mkdir()
    begin_record(folder, config, dataset, index, split)
    end_record(folder, "stopped")
    begin_record(folder, config, dataset, index, split)
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    command = "python -m fer_core train --dataset faces --name 'my run' --epochs 7 --seed 3 --deterministic"
    assert record["command"] == command
    assert record["dataset"]["fingerprint"] == index.fingerprint
    assert record["dataset"]["num_train"] + record["dataset"]["num_validation"] == 69
    corrections = (dataset.folder / "corrections.csv").read_bytes()
    assert record["dataset"]["corrections"] == hashlib.sha256(corrections).hexdigest()
    assert {"keras", "numpy"} <= record["packages"].keys()
    assert record["hardware"]["cores"] >= 1
    assert record["precision"] == "float32"  # deterministic
    assert [session["state"] for session in record["sessions"]] == ["stopped", None]
    assert record["sessions"][0]["started_at"] <= record["sessions"][0]["ended_at"]
