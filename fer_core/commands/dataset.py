"""The commands around datasets: `dataset add | merge | list | show | report | leaks | reindex | remove`."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from fer_core.commands.health import add_report_command
from fer_core.commands.leaks import add_leaks_command
from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_area, add_command
from fer_core.dataset import Dataset, add_dataset, list_datasets, merge_datasets, open_dataset, remove_dataset
from fer_core.dataset.file_changes import reindex_dataset
from fer_core.dataset.index import IMAGE_SIZE, IndexSettings
from fer_core.dataset.merge import label_map_for_all
from fer_core.dataset.sources.label_mapping import parse_label_map
from fer_core.errors import DatasetError
from fer_core.terminal import messages, progress_bar


def add_dataset_commands(areas: Subparsers) -> None:
    """Add the area `dataset`."""
    commands = add_area(areas, "dataset", "add, merge, list, show, check, reindex and remove datasets")
    add = add_command(commands, "add", _dataset_add, "add a dataset and index it; prints its name")
    add.add_argument(
        "source",
        metavar="SOURCE",
        help="a zip or tar, a folder with class folders, FER2013's CSV, an address, kaggle:owner/name, or `drawn`",
    )
    add.add_argument("--name", help="name to give it; made from the source by default")
    add.add_argument(
        "--map", metavar="OLD=NEW,…", help="names for labels: 0=angry,1=happy; old=old keeps one, old= leaves it out"
    )
    add.add_argument("--metadata", metavar="FILE", type=Path, help="a CSV with a column path and columns of groups")
    add.add_argument("--sha256", metavar="SUM", help="what the file has to be, 64 hexadecimal digits")
    _add_index_options(add, f"{IMAGE_SIZE} and grey by default")
    merge = add_command(commands, "merge", _dataset_merge, "make one dataset of several; prints its name")
    merge.add_argument("names", metavar="NAME", nargs="+", help="at least two names from `dataset list`")
    merge.add_argument("--name", required=True, help="name of the new dataset")
    merge.add_argument(
        "--map",
        metavar="OLD=NEW,…",
        action="append",
        default=[],
        help="other names for labels: bored=neutral in all, NAME:bored=neutral in one of them; may be repeated",
    )
    add_command(commands, "list", _dataset_list, "list the datasets")
    show = add_command(commands, "show", _dataset_show, "show a dataset's size and class counts")
    show.add_argument("name", metavar="NAME")
    add_report_command(commands)
    add_leaks_command(commands)
    reindex = add_command(
        commands, "reindex", _dataset_reindex, "index a dataset again after its files changed; corrections are kept"
    )
    reindex.add_argument("name", metavar="NAME")
    _add_index_options(reindex, "as it is by default")
    remove = add_command(commands, "remove", _dataset_remove, "remove a dataset; never a folder used in place")
    remove.add_argument("name", metavar="NAME")


def _add_index_options(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("--image-size", type=int, metavar="PIXELS", help=f"side of the indexed pictures; {default}")
    parser.add_argument("--channels", type=int, choices=(1, 3), help=f"1: grey, 3: colour; {default}")


def _index_settings(options: argparse.Namespace) -> IndexSettings | None:
    """What was asked for, None where nothing was."""
    asked = {"image_size": options.image_size, "channels": options.channels}
    given = {name: value for name, value in asked.items() if value is not None}
    return IndexSettings(**given) if given else None


def _dataset_add(options: argparse.Namespace) -> None:
    with progress_bar("adding") as show:
        dataset = add_dataset(
            options.source,
            name=options.name,
            label_map=parse_label_map(options.map) if options.map is not None else None,
            metadata=options.metadata,
            sha256=options.sha256,
            settings=_index_settings(options),
            on_progress=show,
        )
    _report_added(dataset)


def _dataset_merge(options: argparse.Namespace) -> None:
    label_maps = _label_maps(options.names, options.map)
    with progress_bar("merging") as show:
        dataset = merge_datasets(
            options.names,
            name=options.name,
            label_maps=label_maps,
            on_progress=show,
        )
    _report_added(dataset)


def _label_maps(names: Sequence[str], texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """The label map of each dataset; what is said for one goes before what is said for all."""
    label_maps: dict[str, dict[str, str]] = {name: {} for name in names}
    for text in sorted(texts, key=lambda text: text.split(":", 1)[0] in names):
        name, colon, rest = text.partition(":")
        if colon and name in label_maps:
            _extend(label_maps, {name: parse_label_map(rest)})
        else:
            _extend(label_maps, label_map_for_all(names, parse_label_map(text)))
    return label_maps


def _extend(label_maps: dict[str, dict[str, str]], more: Mapping[str, Mapping[str, str]]) -> None:
    for name, label_map in more.items():
        label_maps[name].update(label_map)


def _report_added(dataset: Dataset) -> None:
    for note in dataset.notes:
        messages.print(note, markup=False, style="yellow")
    num_unreadable = len(dataset.index.select(readable=False))
    if num_unreadable:
        messages.print(f"{num_unreadable:,} of {len(dataset.index.table):,} pictures cannot be read.")
    print(dataset.name)


def _dataset_list(options: argparse.Namespace) -> None:
    rows = [_listed(dataset) for dataset in list_datasets()]
    print_table(rows, "No datasets yet. Add one: python -m fer_core dataset add drawn")


def _listed(dataset: Dataset) -> dict[str, object]:
    """A dataset's row; one whose index cannot be used must not hide the others."""
    row: dict[str, object] = {"name": dataset.name, "images": "?", "classes": "?", "splits": "?"}
    try:
        index = dataset.index
        row |= {"images": len(index.table), "classes": len(index.class_names), "splits": "+".join(index.splits)}
    except DatasetError as error:
        messages.print(str(error), markup=False, style="yellow")
    return row | {"source": dataset.source}


def _dataset_show(options: argparse.Namespace) -> None:
    dataset = open_dataset(options.name)
    index = dataset.index
    height, width = index.images.shape[1:3]
    print(
        f"name         {dataset.name}\nsource       {dataset.source} ({dataset.kind})\nadded        {dataset.added_at}"
    )
    colours = "grey" if index.settings.channels == 1 else "colour"
    print(f"images       {len(index.table):,}, indexed at {width} x {height} pixels in {colours}")
    print(f"unreadable   {len(index.select(readable=False)):,}")
    for note in dataset.notes:
        print(f"note         {note}")
    print(f"fingerprint  {index.fingerprint}\n")
    print(index.counts().to_string())


def _dataset_reindex(options: argparse.Namespace) -> None:
    with progress_bar("indexing") as show:
        dataset = reindex_dataset(options.name, settings=_index_settings(options), on_progress=show)
    _report_added(dataset)


def _dataset_remove(options: argparse.Namespace) -> None:
    remove_dataset(options.name)
    messages.print(f"Removed the dataset {options.name}.")
