"""Would a bonus for rare classes raise macro F1 without costing accuracy? It decides whether a package should have one.

    python -m benchmarks.logit_adjustment --run NAME [--views all]

The strength is fitted on the run's validation part. The line that decides is the cross-validated one: five times, the
strength comes from four fifths and is tried on the fifth that it has not seen.
"""

import argparse

import numpy as np

from fer_core.dataset import open_dataset
from fer_core.evaluation import full_report
from fer_core.evaluation.logit_adjustment import adjust_for_shares, fit_strength
from fer_core.models import VIEWS
from fer_core.models.reading import read_pictures
from fer_core.training import open_run
from fer_core.training.learning_split import learning_split

FOLDS = 5


def main() -> None:
    """Read the validation part once and print the figures without, with and cross-validated."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="a name from `runs list`")
    parser.add_argument("--views", choices=VIEWS, default="all")
    options = parser.parse_args()
    run = open_run(options.run)
    package = run.model
    if package is None:
        raise SystemExit(f"The run {options.run} has no model.")
    index, split = learning_split(open_dataset(run.config.dataset), run.config)
    counts = np.bincount(index.label_numbers(index.table.loc[split.train]), minlength=len(index.class_names))
    shares = counts / counts.sum()
    y_true = index.label_numbers(index.table.loc[split.validation])
    y_prob, _ = read_pictures(package, index, split.validation, views=options.views)

    strength = fit_strength(y_true, y_prob, shares)
    fold = np.random.default_rng(0).integers(0, FOLDS, len(y_true))
    unseen = np.empty_like(y_prob)
    for number in range(FOLDS):
        held_back = fold == number
        its_strength = fit_strength(y_true[~held_back], y_prob[~held_back], shares)
        unseen[held_back] = adjust_for_shares(y_prob[held_back], shares, its_strength)
    for words, answers in (
        ("as it is", y_prob),
        (f"strength {strength:g}", adjust_for_shares(y_prob, shares, strength)),
        ("cross-validated", unseen),
    ):
        report = full_report(y_true, answers, index.class_names)
        figures = "  ".join(f"{name} {100 * report[name]:.2f}" for name in ("accuracy", "macro_f1", "ece"))
        print(f"{words:18}{figures}")


if __name__ == "__main__":
    main()
