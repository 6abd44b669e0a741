"""The command that measures: a model of our own, or somebody else's predictions, on one split of a dataset."""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.commands.output import write_text
from fer_core.commands.parser import Subparsers, add_command, add_views_option
from fer_core.dataset import open_dataset
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.dataset.sources.label_mapping import parse_label_map
from fer_core.errors import FerError
from fer_core.evaluation.group_words import gap_sentences
from fer_core.models import find_model
from fer_core.models.assessment import evaluation_of, keep_evaluation, score_model
from fer_core.models.foreign_predictions import read_predictions
from fer_core.models.group_metadata import with_metadata
from fer_core.models.scoring import predictions_table, report_on
from fer_core.terminal import messages, progress_bar


def add_evaluate_command(commands: Subparsers) -> None:
    """Add `models evaluate`."""
    evaluate = add_command(commands, "evaluate", _models_evaluate, "measure a model on one split of a dataset")
    subject = evaluate.add_mutually_exclusive_group(required=True)
    subject.add_argument("model", metavar="MODEL", nargs="?", help="a name from `models list` or a package folder")
    subject.add_argument(
        "--predictions",
        metavar="FILE",
        type=Path,
        help="measure these predictions instead: a CSV with path, image or image_id, and p_<class> or predicted",
    )
    evaluate.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    evaluate.add_argument("--split", required=True, metavar="SPLIT", help="a split of that dataset, such as test")
    evaluate.add_argument("--json", required=True, metavar="FILE", type=Path, help="where to write the figures")
    evaluate.add_argument(
        "--save-predictions", metavar="FILE", type=Path, help="where to write what was said of each picture, as CSV"
    )
    evaluate.add_argument(
        "--map", metavar="OLD=NEW,…", help="labels of the dataset as the model has them; OLD= leaves pictures out"
    )
    evaluate.add_argument(
        "--metadata", metavar="FILE", type=Path, help="a CSV with a column path and columns of groups of people"
    )
    add_views_option(evaluate)


def _models_evaluate(options: argparse.Namespace) -> None:
    started_at = time.perf_counter()
    dataset = open_dataset(options.dataset)
    package = None if options.model is None else find_model(options.model)
    index, split = dataset.view(), options.split
    label_map = parse_label_map(options.map) if options.map else {}
    if options.metadata is not None:
        index = with_metadata(index, options.metadata)
    index.select(split=split)  # a wrong split is told before the duplicates are looked for
    num_missing = 0
    if package is None:
        scored, num_missing = read_predictions(options.predictions, index, split, label_map=label_map)
    else:
        with progress_bar("evaluating") as on_progress:
            scored = score_model(
                package, index, split, views=options.views, label_map=label_map, keep=True, on_progress=on_progress
            )
    with progress_bar("looking for duplicates") as on_progress:
        pairs = duplicates_of(dataset, on_progress=on_progress)
    if package is None:
        report = report_on(scored, index, pairs)
        report |= {"predictions": str(options.predictions), "split": split, "num_missing": num_missing}
    else:
        report = evaluation_of(
            package, scored, index, split, views=options.views, duplicates=pairs, label_map=label_map
        )
    report |= {"dataset": dataset.name, "seconds": round(time.perf_counter() - started_at, 3)}
    table = predictions_table(scored, index, pairs)
    if package is not None:
        keep_evaluation(package, index, report, table)
    write_text(options.json, json.dumps(report, indent=2))
    if options.save_predictions:
        _save(table, options.save_predictions)
    _print_report(report, num_missing)


def _save(table: pd.DataFrame, path: Path) -> None:
    if path.suffix not in (".csv", ".parquet"):
        raise FerError(f"'{path}' is neither .csv nor .parquet. Give the file one of these endings.")
    if path.suffix == ".csv":
        write_text(path, table.to_csv(index=False))
        return
    try:
        table.to_parquet(path, index=False)
    except OSError as error:
        raise FerError(f"'{path}' cannot be written: {error.strerror}. Choose another place.") from error


def _print_report(report: Mapping[str, Any], num_missing: int) -> None:
    print(pd.DataFrame(report["per_class"]).to_string(index=False, float_format="%.3f"))
    for words, figures in (("\n", report), ("without leaks: ", report["without_leaks"])):
        if figures:
            low, high = figures["accuracy_ci"]
            f1_low, f1_high = figures["macro_f1_ci"]
            print(
                f"{words}accuracy {figures['accuracy']:.4f} ({low:.4f}-{high:.4f})  macro_f1 {figures['macro_f1']:.4f} "
                f"({f1_low:.4f}-{f1_high:.4f})  num_images {figures['num_images']:,}"
            )
    if report["ece"] is not None:
        print(f"ece {report['ece']:.4f}  brier {report['brier']:.4f}  nll {report['nll']:.4f}")
    for sentence in gap_sentences(report["groups"]):
        print(sentence)
    if num_missing:
        messages.print(f"{num_missing:,} pictures of the split have no prediction; they are left out of every figure.")
