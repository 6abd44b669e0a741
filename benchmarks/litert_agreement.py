"""Does the LiteRT file that ships say the same as the Keras network it was made from, on photos?

    python -m benchmarks.litert_agreement --dataset fer2013 --split test [--model default] [--num-images 1000]
        [--views one] [--seed 0]

The same faces, drawn at random, through both engines of one package. The promise: at least 99 % of the labels the same
and accuracy within 0.3 points. Needs TensorFlow.
"""

import argparse

import numpy as np

from fer_core.dataset import open_dataset
from fer_core.models import VIEWS, find_model, load_classifier
from fer_core.models.agreement import check_agreement, compare_probabilities
from fer_core.models.model_input import fit_images
from fer_core.models.scoring import ScoredPictures, labelled_pictures


def main() -> None:
    """Read the faces twice and print how the answers agree; ends with an error where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default", help="a name from `models list` or a package folder")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--split", required=True)
    parser.add_argument("--num-images", type=int, default=1000)
    parser.add_argument("--views", choices=VIEWS, default="one")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    package, index = find_model(options.model), open_dataset(options.dataset).view()
    rows = labelled_pictures(index, options.split, package.info.class_names)
    rows = rows.sample(min(options.num_images, len(rows)), random_state=options.seed)
    faces = fit_images(index.images[rows["image_id"].to_numpy(np.int64)], package.info)
    answers = [load_classifier(package, engine=engine).predict(faces, options.views) for engine in ("keras", "litert")]
    y_true = ScoredPictures(rows, answers[0], package.info.class_names).y_true
    agreement = compare_probabilities(answers[0], answers[1], y_true)
    print(
        f"{agreement.num_images:,} faces: {100 * agreement.same_labels:.2f} % of the labels the same, accuracy "
        f"{100 * (agreement.accuracy_change or 0):+.2f} points, probabilities off by at most "
        f"{agreement.max_difference:.4f} and {agreement.mean_difference:.4f} on average"
    )
    check_agreement(agreement)


if __name__ == "__main__":
    main()
