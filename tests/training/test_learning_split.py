import shutil
from pathlib import Path

import pytest
from PIL import Image

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude, relabel
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.errors import DatasetError
from fer_core.training import TrainConfig
from fer_core.training.learning_split import learning_split
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    """Ten train and ten test pictures of each class; one more test picture is a train picture again."""
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy", "test/sad"], 10)
    shutil.copy(folder / "train" / "sad" / "4.png", folder / "test" / "sad" / "again.png")
    return add_dataset(folder, name="faces")


def test_a_training_sees_the_corrected_view(dataset: Dataset) -> None:
    train = dataset.index.select(split="train")["image_id"].tolist()
    relabel(dataset, train[:2], "fear")
    exclude(dataset, train[2:5])
    index, split = learning_split(dataset, TrainConfig("faces", validation_share=0.5))
    assert index.class_names == ("fear", "happy", "sad")
    assert sorted([*split.train, *split.validation]) == [*train[:2], *train[5:]]


def test_leaks_can_be_left_out_once_duplicates_are_known(dataset: Dataset) -> None:
    config = TrainConfig("faces", without_leaks=True)
    with pytest.raises(DatasetError, match="leaks"):
        learning_split(dataset, config)
    duplicates_of(dataset)
    paths = dataset.index.table["path"].tolist()
    index, split = learning_split(dataset, config)
    assert paths.index("train/sad/4.png") not in [*split.train, *split.validation]
    assert paths.index("test/sad/again.png") not in index.select(split="test")["image_id"].tolist()
    assert len(split.train) + len(split.validation) == 19


def test_known_duplicates_stay_on_one_side(fer_home: Path, tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"], 12)
    for path in sorted(folder.rglob("*.png")):
        Image.open(path).save(path.with_suffix(".jpg"), quality=60)
    dataset = add_dataset(folder, name="twins")
    duplicates_of(dataset)
    for seed in range(5):
        _, split = learning_split(dataset, TrainConfig("twins", validation_share=0.3, seed=seed))
        stems = dataset.index.table["path"].str.rsplit(".", n=1).str[0]
        assert not set(stems[split.train]) & set(stems[split.validation])
