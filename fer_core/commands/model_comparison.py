"""The command that compares models on the same pictures: `models compare`."""

import argparse
import json
from pathlib import Path
from typing import Any

from fer_core.commands.output import print_table, write_text
from fer_core.commands.parser import Subparsers, add_command, add_views_option
from fer_core.dataset import open_dataset
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.dataset.sources.label_mapping import parse_label_map
from fer_core.errors import ModelError
from fer_core.models import find_model
from fer_core.models.model_comparison import Comparison, check_models, compare_models, measure_models
from fer_core.terminal import progress_bar


def add_compare_command(commands: Subparsers) -> None:
    """Add `models compare`."""
    parser = add_command(commands, "compare", _models_compare, "compare two to six models on the same pictures")
    parser.add_argument("models", metavar="MODEL", nargs="+", help="names from `models list` or package folders")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    parser.add_argument("--split", required=True, metavar="SPLIT", help="a split of that dataset, such as test")
    parser.add_argument("--json", metavar="FILE", type=Path, help="where to write the figures and the disputed faces")
    parser.add_argument("--map", metavar="OLD=NEW,…", help="as for `models evaluate`")
    add_views_option(parser)


def _models_compare(options: argparse.Namespace) -> None:
    packages = [find_model(model) for model in options.models]
    check_models([package.name for package in packages])
    dataset = open_dataset(options.dataset)
    dataset.view().select(split=options.split)  # a wrong split is told before the duplicates are looked for
    label_map = parse_label_map(options.map) if options.map else {}
    with progress_bar("looking for duplicates") as on_progress:
        duplicates_of(dataset, on_progress=on_progress)
    with progress_bar("evaluating") as on_progress:
        measure_models(
            packages, dataset, options.split, views=options.views, label_map=label_map, on_progress=on_progress
        )
    comparison = compare_models(packages, dataset, options.split, views=options.views, label_map=label_map)
    if comparison is None:
        raise ModelError("A model or the dataset was changed while the models were measured. Compare them again.")
    if options.json is not None:
        report = comparison.report | {"disagreements": _disputed(comparison)}
        write_text(options.json, json.dumps(report, indent=2))
    _print(comparison.report)


def _disputed(comparison: Comparison) -> list[dict[str, Any]]:
    """Return image_id, path, label and what each model says of the faces on which they disagree."""
    rows = comparison.disputed
    pictures = comparison.pictures.iloc[rows].to_dict("records")
    answers = comparison.answers.iloc[rows].to_dict("records")
    return [
        {"image_id": row["image_id"], "path": row["path"], "label": row["label"], "answers": said}
        for row, said in zip(pictures, answers, strict=True)
    ]


def _print(report: dict[str, Any]) -> None:
    rows = [
        {
            "model": row["model"],
            "accuracy": f"{row['accuracy']:.4f}",
            "interval": "{:.4f}-{:.4f}".format(*row["accuracy_ci"]),
            "macro_f1": f"{row['macro_f1']:.4f}",
            "ece": f"{row['ece']:.4f}",
            "megabytes": f"{row['num_bytes'] / 1e6:.2f}",
        }
        for row in report["models"]
    ]
    print_table(rows, "")
    print()
    pairs = [
        {
            "first": pair["first"],
            "second": pair["second"],
            "only_first_right": pair["only_first"],
            "only_second_right": pair["only_second"],
            "difference": f"{pair['difference']:+.4f}",
            "p_adjusted": f"{pair['adjusted_p_value']:.4g}",
        }
        for pair in report["pairs"]
    ]
    print_table(pairs, "")
    if report["num_tested"] is not None:
        print(f"\nOf pictures that show the same, one counts here: {report['num_tested']:,} in all.")
    print(f"\nThey disagree on {report['num_disagreements']:,} of {report['num_images']:,} images.")
