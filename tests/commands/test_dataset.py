import re
from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import open_dataset
from tests.dataset.pictures import write_class_folders, zip_folder


def test_a_dataset_comes_is_shown_and_goes(run, faces: Path) -> None:
    code, out, _ = run("dataset", "add", faces, "--name", "mine")
    assert (code, out.splitlines()[-1]) == (0, "mine")
    assert "mine" in run("dataset", "list")[1]
    shown = run("dataset", "show", "mine")[1]
    assert re.search(r"happy +10 +3", shown)
    assert run("dataset", "remove", "mine")[0] == 0
    code, out, err = run("dataset", "list")
    assert (code, out) == (0, "")
    assert "dataset add drawn" in err


def test_unknown_labels_are_asked_for_with_the_option_that_answers(run, tmp_path: Path) -> None:
    archive = zip_folder(
        write_class_folders(tmp_path / "raf", ["train/1", "train/2", "train/bored"]), tmp_path / "r.zip"
    )
    code, out, err = run("dataset", "add", archive)
    assert (code, out) == (1, "")
    assert "'1' (3), '2' (3), 'bored' (3)" in err
    assert "--map '1=?,2=?,bored=bored'" in err
    code, out, err = run("dataset", "add", archive, "--map", "1=surprise,2=fear,bored=")
    assert (code, out.splitlines()[-1]) == (0, "r")
    assert "3 pictures are left out" in err
    assert open_dataset("r").index.class_names == ("fear", "surprise")


def test_metadata_becomes_columns_and_what_does_not_fit_is_told(run, tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "faces", ["happy", "sad"])
    table = tmp_path / "people.csv"
    pd.DataFrame({"path": ["happy/0.png", "nobody.png"], "subject": ["s1", "s2"]}).to_csv(table, index=False)
    code, _, err = run("dataset", "add", folder, "--metadata", table)
    assert code == 0
    assert "1 of 2 rows of 'people.csv' fit no picture" in err.replace("\n", " ")
    assert list(open_dataset("faces").index.table["subject"]) == ["s1", "", "", "", "", ""]


def test_datasets_are_merged_with_a_map_for_all_or_for_one(run, tmp_path: Path) -> None:
    for name, places in {"a": ["happy", "sad", "bored"], "b": ["test/happy", "test/fear", "test/bored"]}.items():
        run("dataset", "add", write_class_folders(tmp_path / name, places), "--map", "bored=bored")
    code, out, _ = run("dataset", "merge", "a", "b", "--name", "both", "--map", "b:bored=neutral", "--map", "fear=sad")
    assert (code, out.splitlines()[-1]) == (0, "both")
    table = open_dataset("both").index.table
    labels = table.groupby("source")["label"].unique().map(sorted).to_dict()
    assert labels == {"a": ["bored", "happy", "sad"], "b": ["happy", "neutral", "sad"]}
    assert run("dataset", "merge", "a", "b", "--name", "c", "--map", "nothing=sad")[0] == 1
    assert run("dataset", "merge", "a", "--name", "c")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--map", "angry"), "is not old=new"),
        (("--map", "nothing=sad"), "does not occur"),
        (("--metadata", "nowhere.csv"), "cannot be read"),
        (("--sha256", "0" * 64), "was expected"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_options_that_do_not_fit_add_nothing(run, fer_home: Path, tmp_path: Path, words, said: str) -> None:
    archive = zip_folder(write_class_folders(tmp_path / "faces", ["happy", "sad"]), tmp_path / "faces.zip")
    code, out, err = run("dataset", "add", archive, *words)
    assert (code, out) == (1, "")
    assert said in err.replace("\n", " ")
    assert not [*fer_home.glob("datasets/*")]
