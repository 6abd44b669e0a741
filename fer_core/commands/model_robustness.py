"""The command that damages faces and looks what a model makes of them: `models robustness`."""

import argparse
import json
from pathlib import Path

from fer_core.commands.output import print_table, write_text
from fer_core.commands.parser import Subparsers, add_command
from fer_core.dataset import open_dataset
from fer_core.errors import FerError
from fer_core.models import VIEWS, find_model
from fer_core.models.robustness import NUM_IMAGES, keep_robustness, measure_robustness
from fer_core.terminal import progress_bar


def add_robustness_command(commands: Subparsers) -> None:
    """Add `models robustness`."""
    parser = add_command(
        commands,
        "robustness",
        _models_robustness,
        "measure a model on blurred, dark, tilted, covered… faces, and with glasses or a mask drawn on them",
    )
    parser.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    parser.add_argument("--split", required=True, metavar="SPLIT", help="a split of that dataset, such as test")
    parser.add_argument("--json", required=True, metavar="FILE", type=Path, help="where to write the figures")
    parser.add_argument("--num-images", metavar="N", type=int, default=NUM_IMAGES, help="faces drawn at random")
    parser.add_argument("--seed", metavar="SEED", type=int, default=0, help="decides the sample and the damage")
    parser.add_argument("--views", choices=VIEWS, default="one", help="one: as in live video; all: ten views a face")


def _models_robustness(options: argparse.Namespace) -> None:
    if options.num_images < 1:
        raise FerError(f"--num-images is {options.num_images}; at least one face is needed.")
    package, dataset = find_model(options.model), open_dataset(options.dataset)
    index = dataset.view()
    with progress_bar("damaging and reading") as on_progress:
        report = measure_robustness(
            package,
            index,
            options.split,
            views=options.views,
            num_images=options.num_images,
            seed=options.seed,
            on_progress=on_progress,
        )
    report |= {"dataset": dataset.name}
    keep_robustness(package, index, report)
    write_text(options.json, json.dumps(report, indent=2))
    rows = [
        {
            "kind": row["kind"],
            "strength": f"{row['strength']:g}",
            "accuracy": f"{row['accuracy']:.4f}",
            "drop": f"{row['drop']:+.4f}",
            "flipped": f"{row['flipped']:.4f}",
        }
        for row in report["rows"]
    ]
    print_table(rows, "")
    print("\nwith one thing changed that is none of the expression's:")
    changes = [
        {
            "kind": row["kind"],
            "flipped": f"{row['flipped']:.4f}",
            "interval": "{:.4f}-{:.4f}".format(*row["flipped_ci"]),
            "accuracy": f"{row['accuracy']:.4f}",
            "drop": f"{row['drop']:+.4f}",
        }
        for row in report["counterfactuals"]["rows"]
    ]
    print_table(changes, "")
    print(f"\nundamaged: accuracy {report['accuracy']:.4f} on {report['num_images']:,} images")
