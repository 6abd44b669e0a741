"""The commands around models: `models list | show | evaluate`."""

import argparse
import json
from pathlib import Path

import pandas as pd

from fer_core.commands.output import print_table, write_text
from fer_core.commands.parser import Subparsers, add_area, add_command, add_views_option
from fer_core.dataset import open_dataset
from fer_core.dataset.duplicates.pairs import duplicates_of, leaked_ids
from fer_core.models import evaluate_model, find_model, list_models
from fer_core.terminal import progress_bar


def add_models_commands(areas: Subparsers) -> None:
    """Add the area `models`."""
    commands = add_area(areas, "models", "list, show and evaluate models")
    add_command(commands, "list", _models_list, "list the models; the shipped one is `default`")
    show = add_command(commands, "show", _models_show, "print a model's card")
    show.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    evaluate = add_command(commands, "evaluate", _models_evaluate, "measure a model on one split of a dataset")
    evaluate.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    evaluate.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    evaluate.add_argument("--split", required=True, metavar="SPLIT", help="a split of that dataset, such as test")
    evaluate.add_argument("--json", required=True, metavar="FILE", type=Path, help="where to write the figures")
    add_views_option(evaluate)


def _models_list(options: argparse.Namespace) -> None:
    rows = [
        {
            "name": package.name,
            "architecture": package.info.architecture,
            "classes": len(package.info.class_names),
            "input": f"{package.info.input_size}x{package.info.input_size}x{package.info.channels}",
            "trained_on": package.info.training_data["dataset"],
            "created": package.info.created_at,
        }
        for package in list_models()
    ]
    print_table(rows, "No models yet. Train one: python -m fer_core train --dataset NAME")


def _models_show(options: argparse.Namespace) -> None:
    print(find_model(options.model).card())


def _models_evaluate(options: argparse.Namespace) -> None:
    package, dataset = find_model(options.model), open_dataset(options.dataset)
    index = dataset.view()
    index.select(split=options.split)  # a wrong split is told before the duplicates are looked for
    with progress_bar("looking for duplicates") as on_progress:
        leaks = leaked_ids(index, duplicates_of(dataset, on_progress=on_progress))
    with progress_bar("evaluating") as on_progress:
        report = evaluate_model(
            package, index, options.split, views=options.views, leaks=leaks, on_progress=on_progress
        )
    write_text(options.json, json.dumps(report | {"dataset": dataset.name}, indent=2))
    print(pd.DataFrame(report["per_class"]).to_string(index=False, float_format="%.3f"))
    for words, figures in (("\n", report), ("without leaks: ", report["without_leaks"])):
        if figures:
            text = f"accuracy {figures['accuracy']:.4f}  macro_f1 {figures['macro_f1']:.4f}"
            print(f"{words}{text}  num_images {figures['num_images']:,}")
