"""The commands around datasets: `dataset add | list | show | remove`."""

import argparse

from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_area, add_command
from fer_core.dataset import add_dataset, list_datasets, open_dataset, remove_dataset
from fer_core.terminal import messages, progress_bar


def add_dataset_commands(areas: Subparsers) -> None:
    """Add the area `dataset`."""
    commands = add_area(areas, "dataset", "add, list, show and remove datasets")
    add = add_command(commands, "add", _dataset_add, "add a dataset and index it; prints its name")
    add.add_argument("source", metavar="SOURCE", help="a zip, a folder with class folders, or the word `drawn`")
    add.add_argument("--name", help="name to give it; made from the source by default")
    add_command(commands, "list", _dataset_list, "list the datasets")
    show = add_command(commands, "show", _dataset_show, "show a dataset's size and class counts")
    show.add_argument("name", metavar="NAME")
    remove = add_command(commands, "remove", _dataset_remove, "remove a dataset; never a folder used in place")
    remove.add_argument("name", metavar="NAME")


def _dataset_add(options: argparse.Namespace) -> None:
    with progress_bar("indexing") as on_progress:
        dataset = add_dataset(options.source, name=options.name, on_progress=on_progress)
    num_unreadable = len(dataset.index.select(readable=False))
    if num_unreadable:
        messages.print(f"{num_unreadable:,} of {len(dataset.index.table):,} pictures cannot be read.")
    print(dataset.name)


def _dataset_list(options: argparse.Namespace) -> None:
    rows = [
        {
            "name": dataset.name,
            "images": len(dataset.index.table),
            "classes": len(dataset.index.class_names),
            "splits": "+".join(dataset.index.splits),
            "source": dataset.source,
        }
        for dataset in list_datasets()
    ]
    print_table(rows, "No datasets yet. Add one: python -m fer_core dataset add drawn")


def _dataset_show(options: argparse.Namespace) -> None:
    dataset = open_dataset(options.name)
    index = dataset.index
    height, width = index.images.shape[1:3]
    print(
        f"name         {dataset.name}\nsource       {dataset.source} ({dataset.kind})\nadded        {dataset.added_at}"
    )
    print(f"images       {len(index.table):,}, indexed at {width} x {height} pixels")
    print(f"unreadable   {len(index.select(readable=False)):,}")
    print(f"fingerprint  {index.fingerprint}\n")
    print(index.counts().to_string())


def _dataset_remove(options: argparse.Namespace) -> None:
    remove_dataset(options.name)
    messages.print(f"Removed the dataset {options.name}.")
