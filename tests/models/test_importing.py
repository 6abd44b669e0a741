import json
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import FerError, ModelError
from fer_core.models.catalog import find_model, zip_package
from fer_core.models.classifier import load_classifier
from fer_core.models.importing import check_info, import_package, is_imported, remove_imported
from fer_core.models.keras_file import check_keras_file
from fer_core.models.origin import ORIGIN_FILE, confirm_trust, read_origin
from fer_core.models.package import ModelPackage, file_digest, read_package, write_info
from fer_core.models.package_archive import unpack_package
from fer_core.prediction import load_predictor
from tests.models.networks import make_faces

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def packed(tiny_package: ModelPackage, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.zip"
    path.write_bytes(zip_package(tiny_package))
    return path


def _repacked(packed: Path, change: Change) -> Path:
    """The same zip with other contents."""
    with zipfile.ZipFile(packed) as archive:
        contents = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    change(contents)
    path = packed.with_name("changed.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def _saying(**values: object) -> Change:
    """Let `model.json` say something else."""

    def change(contents: dict[str, bytes]) -> None:
        said = json.loads(contents["tiny/model.json"]) | values
        contents["tiny/model.json"] = json.dumps(said).encode()

    return change


def _with(name: str, content: bytes) -> Change:
    return lambda contents: contents.__setitem__(name, content)


def _is_left_nothing(home: Path) -> bool:
    return not list((home / "models").iterdir())


def test_an_imported_model_predicts_as_the_original(packed: Path, tiny_package: ModelPackage, fer_home: Path) -> None:
    package = import_package(packed, name="friend")
    assert find_model("friend") == package
    assert package.folder.parent == fer_home / "models"
    faces = make_faces(3)
    assert np.array_equal(load_classifier(package).predict(faces), load_classifier(tiny_package).predict(faces))
    assert [each.name for each in (fer_home / "models").iterdir()] == ["friend"]
    origin = read_origin(package.folder)
    assert origin is not None
    assert (origin.archive, origin.sha256) == ("tiny.zip", file_digest(packed))


def test_predicting_reads_two_files_of_an_imported_package(packed: Path, fer_home: Path) -> None:
    folder = import_package(packed, name="friend").folder
    opened: list[str] = []
    is_listening = True

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if is_listening and event == "open" and str(arguments[0]).startswith(str(folder)):
            opened.append(Path(str(arguments[0])).name)

    sys.addaudithook(listen)  # Python's own files; LiteRT is given bytes
    load_predictor("friend").predict(np.repeat(make_faces(1)[0], 3, axis=2), faces="whole")
    is_listening = False
    assert set(opened) == {"model.json", "model.tflite"}


def test_its_keras_network_is_handed_out_only_once_somebody_trusts_it(packed: Path, fer_home: Path) -> None:
    package = import_package(packed)
    with pytest.raises(ModelError, match="code that runs when it is opened"):
        _ = package.keras_path
    with pytest.raises(ModelError, match="models trust tiny"):
        load_classifier(package, engine="keras")
    confirm_trust(package.folder)
    assert package.keras_path.is_file()
    assert import_package(packed, name="trusted", is_trusted=True).keras_path.is_file()


def test_a_damaged_note_trusts_nothing(packed: Path, fer_home: Path) -> None:
    package = import_package(packed, is_trusted=True)
    (package.folder / ORIGIN_FILE).write_text("{")
    with pytest.raises(ModelError, match="stays closed"):
        _ = package.keras_path


def test_a_note_of_trust_inside_the_zip_counts_for_nothing(packed: Path, fer_home: Path) -> None:
    archive = _repacked(packed, _with(f"tiny/{ORIGIN_FILE}", b'{"trusted_at": "2026-01-01"}'))
    package = import_package(archive)
    assert read_origin(package.folder) is not None
    with pytest.raises(ModelError, match="stays closed"):
        _ = package.keras_path


def test_nothing_but_the_network_is_taken_over(packed: Path, fer_home: Path) -> None:
    archive = _repacked(
        packed,
        lambda contents: contents.update(
            {"tiny/README.md": b"![](http://tracker/x.png)", "tiny/evaluation/a.json": b"{}", "tiny/run.py": b"boom"}
        ),
    )
    package = import_package(archive)
    names = ["README.md", ORIGIN_FILE, "model.json", "model.keras", "model.tflite"]
    assert sorted(path.name for path in package.folder.iterdir()) == sorted(names)
    assert "tracker" not in package.card()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(_with("../tiny/x.json", b"{}"), "points outside", id="traversal"),
        pytest.param(_with("/etc/x.json", b"{}"), "points outside", id="absolute"),
        pytest.param(_with("tiny/MODEL.json", b"{}"), "twice", id="same-name-in-capitals"),
        pytest.param(_with("other/model.json", b"{}"), "2 model packages", id="two-packages"),
        pytest.param(lambda c: c.pop("tiny/model.tflite"), r"lacks model\.tflite", id="no-network"),
        pytest.param(_with("tiny/model.tflite", b"TFL3" * 99), "sha256 of model.tflite", id="other-network"),
        pytest.param(_with("tiny/model.keras", b"PK" * 99), "sha256 of model.keras", id="other-keras"),
        pytest.param(_with("tiny/model.json", b"{" * 2**19), "not JSON", id="no-json"),
        pytest.param(_with("tiny/model.json", b'{"a":' * 100_000), "not JSON", id="deep-json"),
        pytest.param(_with("tiny/model.json", b" " * 2**21), "larger than", id="huge-json"),
        pytest.param(_with("tiny/model.tflite", b"\0" * 2**27), "decompression bomb", id="bomb"),
        pytest.param(_saying(temperature={"one": 10**400, "all": 1}), "temperature is", id="huge-number"),
        pytest.param(_saying(input_size=10**9), "sizes or words", id="huge-input"),
        pytest.param(_saying(licence="![](http://tracker/x.png)"), "sizes or words", id="tracker"),
        pytest.param(_saying(input_size=64), "model.json says", id="does-not-fit"),
        pytest.param(_saying(format_version=99), "Update the program", id="newer"),
        pytest.param(_saying(name="../up"), "name is", id="name-that-climbs"),
    ],
)
def test_a_hostile_zip_is_refused_and_leaves_nothing(
    packed: Path, fer_home: Path, change: Change, message: str
) -> None:
    with pytest.raises(FerError, match=message):
        import_package(_repacked(packed, change))
    assert _is_left_nothing(fer_home)


def test_links_and_names_that_stand_twice_are_refused(packed: Path, fer_home: Path) -> None:
    link = zipfile.ZipInfo("tiny/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for entry, message in ((link, "a link"), (zipfile.ZipInfo("tiny/model.json"), "twice")):
        archive = shutil.copy(packed, packed.with_name("more.zip"))
        with zipfile.ZipFile(archive, "a") as opened, pytest.warns() if message == "twice" else _nothing():
            opened.writestr(entry, "/etc/passwd")
        with pytest.raises(ModelError, match=message):
            import_package(Path(archive))
    assert _is_left_nothing(fer_home)


@pytest.mark.parametrize("cut", [10, 1000, -30])
def test_a_cut_zip_is_refused(packed: Path, fer_home: Path, cut: int) -> None:
    packed.write_bytes(packed.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"not a complete zip|lacks"):
        import_package(packed)
    assert _is_left_nothing(fer_home)


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".pkl", ".pt"])
def test_what_can_run_code_is_refused_with_the_reason(tmp_path: Path, fer_home: Path, suffix: str) -> None:
    path = tmp_path / f"network{suffix}"
    path.write_bytes(b"anything")
    with pytest.raises(ModelError, match="can hold code that runs"):
        import_package(path)


def test_a_network_that_litert_cannot_run_is_refused(
    tiny_package: ModelPackage, tmp_path: Path, fer_home: Path
) -> None:
    folder = Path(shutil.copytree(tiny_package.folder, tmp_path / "broken"))
    network = bytearray((folder / "model.tflite").read_bytes())
    network[200:400] = bytes(200)
    (folder / "model.tflite").write_bytes(network)
    digests = {**tiny_package.info.digests, "model.tflite": file_digest(folder / "model.tflite")}
    write_info(replace(tiny_package.info, digests=digests), folder)
    archive = tmp_path / "broken.zip"
    archive.write_bytes(zip_package(read_package(folder)))
    with pytest.raises(ModelError, match="The network cannot be used"):
        import_package(archive)
    assert _is_left_nothing(fer_home)


def test_a_name_that_is_taken_is_refused(packed: Path, fer_home: Path) -> None:
    import_package(packed)
    for name in ("tiny", "TINY", "default"):
        with pytest.raises(ModelError, match="already"):
            import_package(packed, name=name)


def test_only_imported_models_are_deleted(packed: Path, tiny_package: ModelPackage, fer_home: Path) -> None:
    package = import_package(packed, name="friend")
    shutil.copytree(tiny_package.folder, fer_home / "models" / "own")
    assert is_imported(package)
    remove_imported("friend")
    assert not package.folder.exists()
    for name in ("own", "default"):
        with pytest.raises(ModelError, match="was not imported"):
            remove_imported(name)


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


def test_bytes_changed_anywhere_raise_nothing_but_our_own_errors(packed: Path, tmp_path: Path) -> None:
    original, random = packed.read_bytes(), np.random.default_rng(0)
    num_refused = 0
    for number in range(200):
        changed = bytearray(original)
        # Half of the changes hit the directory at the end, where a zip says what is in it.
        low = max(0, len(changed) - 1500) if number % 2 else 0
        for place in random.integers(low, len(changed), 1 + number % 8):
            changed[place] = random.integers(256)
        packed.write_bytes(bytes(changed))
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            unpack_package(packed, folder)
            check_keras_file(folder / "model.keras")
            check_info(folder)
        except FerError:
            num_refused += 1
    assert num_refused > 100
