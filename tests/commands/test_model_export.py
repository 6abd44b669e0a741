import zipfile
from pathlib import Path

import pytest

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.models import find_model, read_package
from fer_core.models.package import ModelPackage


def test_a_package_goes_out_and_comes_in_by_command(run, tmp_path: Path) -> None:
    code, output, error = run("models", "export", "default", "--out", tmp_path / "one.zip")
    assert code == 0, error
    assert output.strip() == str(tmp_path / "one.zip")
    code, output, error = run("models", "import", tmp_path / "one.zip", "--name", "again")
    assert (code, output.strip()) == (0, "again")
    assert "stays closed" in " ".join(error.split())
    assert find_model("again").answers_digest() == find_model().answers_digest()
    code, _, error = run("models", "export", "again", "--format", "keras", "--out", tmp_path / "k.zip")
    assert code == 1
    assert "models trust again" in " ".join(error.split())
    assert run("models", "trust", "again")[0] == 0
    assert find_model("again").keras_path.is_file()
    assert run("models", "remove", "again")[0] == 0


def test_a_folder_gets_the_zip_under_its_usual_name(run, tiny_package: ModelPackage, tmp_path: Path) -> None:
    assert run("models", "export", tiny_package.folder, "--out", tmp_path)[0] == 0
    with zipfile.ZipFile(tmp_path / "tiny-package.zip") as archive:
        archive.extractall(tmp_path)
    assert read_package(tmp_path / "tiny").digest() == tiny_package.digest()


@pytest.mark.parametrize(
    ("out", "message"),
    [("x.rar", "ends neither in .zip nor in .tflite"), ("no/such/x.zip", "There is no folder")],
)
def test_a_place_that_will_not_do_is_told(run, tmp_path: Path, out: str, message: str) -> None:
    code, _, error = run("models", "export", "default", "--out", tmp_path / out)
    assert code == 1
    assert message in " ".join(error.split())
    assert not list(tmp_path.iterdir()) or not (tmp_path / out).exists()


def test_one_file_alone_is_written_where_its_ending_says_so(run, tiny_package: ModelPackage, tmp_path: Path) -> None:
    write_drawn_faces(tmp_path / "small", num_train=7, num_test=7)
    add_dataset(tmp_path / "small", name="small")
    target = tmp_path / "network.keras"
    code, output, error = run(
        "models", "export", tiny_package.folder, "--format", "keras", "--out", target, "--dataset", "small"
    )
    assert code == 0, error
    assert target.read_bytes() == (tiny_package.folder / "model.keras").read_bytes()
    assert "max_difference" in output
    assert "small (test)" in output
