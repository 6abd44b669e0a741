"""Two homes, a small dataset, and places to push to: a folder, and a bucket that can fail."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.storage import attempts, bucket_store
from tests.storage.bucket_server import KEY_ID, SECRET, BucketServer


@pytest.fixture(scope="session")
def packed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the dataset `small`, whose 49 pictures lie in it; only to be copied."""
    folder = tmp_path_factory.mktemp("packed")
    write_drawn_faces(folder / "faces", num_train=42, num_test=7)
    packed = shutil.make_archive(str(folder / "small"), "zip", folder / "faces")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_HOME", str(folder / "home"))
        add_dataset(packed, name="small")
    return folder / "home"


@pytest.fixture
def at_home(tmp_path: Path, packed_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Change to another home; `one` has the dataset `small`."""
    monkeypatch.delenv("FER_ACCESS", raising=False)
    monkeypatch.setattr(attempts.insist, "__defaults__", ((0.0, 0.0),))
    shutil.copytree(packed_home, tmp_path / "one")

    def change(name: str) -> Path:
        monkeypatch.setenv("FER_HOME", str(tmp_path / name))
        return tmp_path / name

    change("one")
    return change


@pytest.fixture
def small(at_home: Callable[[str], Path]) -> Dataset:
    """The dataset `small` in the home `one`."""
    from fer_core.dataset import open_dataset

    return open_dataset("small")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketServer]:
    """A bucket on the loopback, with the credentials for it in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(bucket_store, "_ATTEMPTS", 1)
    server = BucketServer()
    yield server
    server.stop()
