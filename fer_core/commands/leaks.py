"""The command `dataset leaks`: which pictures of the test split are in the train split as well."""

import argparse
from pathlib import Path

import pandas as pd

from fer_core.commands.output import write_text
from fer_core.commands.parser import Subparsers, add_command
from fer_core.dataset import DatasetIndex, open_dataset
from fer_core.dataset.duplicates.pairs import MIN_SIMILARITY, duplicates_of, find_leaks
from fer_core.errors import DatasetError
from fer_core.terminal import messages, progress_bar

_TRAIN = "train"


def add_leaks_command(commands: Subparsers) -> None:
    """Add `leaks` to the area `dataset`."""
    leaks = add_command(commands, "leaks", _dataset_leaks, "list the test pictures that are in train as well")
    leaks.add_argument("name", metavar="NAME")
    leaks.add_argument("--csv", required=True, metavar="FILE", type=Path, help="where to write the pairs")
    leaks.add_argument(
        "--min-similarity",
        type=_share,
        default=MIN_SIMILARITY,
        metavar="S",
        help="0.7 to 1; below the default of %(default)s come similar faces",
    )


def _dataset_leaks(options: argparse.Namespace) -> None:
    dataset = open_dataset(options.name)
    with progress_bar("looking for duplicates") as on_progress:
        pairs = duplicates_of(dataset, on_progress=on_progress)
    view = dataset.view()
    leaks = leaks_into_train(view, pairs, min_similarity=options.min_similarity)
    write_text(options.csv, leaks.to_csv(index=False))
    num_others = int((view.usable["split"] != _TRAIN).sum())
    num_leaked, num_identical = leaks["test_path"].nunique(), int(leaks["identical"].sum())
    print(
        f"{num_leaked:,} of {num_others:,} pictures outside train have a twin in train "
        f"(pairs: {len(leaks):,}, of them identical: {num_identical:,})"
    )
    messages.print(f"Wrote {options.csv}.")


def leaks_into_train(index: DatasetIndex, pairs: pd.DataFrame, *, min_similarity: float) -> pd.DataFrame:
    """Return the pairs of a picture in train and one in another split.

    Returns:
        test_path and train_path (inside the dataset), similarity (0-1), identical; the most alike first.

    Raises:
        DatasetError: If there is no train split or no other one.
    """
    if _TRAIN not in index.splits or len(index.splits) < 2:
        raise DatasetError(
            f"Leaks lie between train and another split; this dataset has {', '.join(index.splits)}. "
            "Name the folders train and test."
        )
    leaks = find_leaks(index, pairs, min_similarity=min_similarity)
    leaks = leaks[leaks["twin_split"] == _TRAIN]
    paths = index.table["path"].to_numpy()
    return pd.DataFrame(
        {
            "test_path": paths[leaks["image_id"]],
            "train_path": paths[leaks["twin_id"]],
            "similarity": leaks["similarity"].round(4),
            "identical": leaks["identical"],
        }
    )


def _share(text: str) -> float:
    value = float(text)
    if not 0.7 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.7 and 1")
    return value
