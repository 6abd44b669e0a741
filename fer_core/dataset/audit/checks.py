"""The checks of the health report: what each is called, why it matters, what to do, and how serious its share is.

One registry on one screen: the modules beside it count, this one words. A share of zero is fine, any other is at least
a notice; from `warning_at` it is a warning, from `problem_at` a problem.
"""

from dataclasses import dataclass

SEVERITIES = ("problem", "warning", "notice", "fine")  # the worst first
NEVER = 2.0  # a share that is never reached


@dataclass(frozen=True)
class Check:
    """What is the same for every dataset about one check.

    Args:
        title: Its name on a page.
        why: One line: why it matters.
        advice: One line: what to do.
        warning_at: Share (0-1) from which it is a warning; 0 makes every case one.
        problem_at: Share (0-1) from which it is a problem.
        unit: What is counted.
    """

    title: str
    why: str
    advice: str
    warning_at: float = 0.0
    problem_at: float = NEVER
    unit: str = "images"

    def severity(self, count: int, total: int) -> str:
        """Return how serious `count` of `total` is, a word of `SEVERITIES`."""
        share = count / total if total else 0.0
        if count == 0:
            return "fine"
        if share >= self.problem_at:
            return "problem"
        return "warning" if share >= self.warning_at else "notice"


_SPLITS_DIFFER = "Figures on a split that looks different measure the difference as well as the model."

CHECKS: dict[str, Check] = {
    "leak": Check(
        "Leaks between splits",
        "A picture that was learned by heart is no test: accuracy on the other split comes out too high.",
        "Measure on the view without leaks, or exclude these pictures.",
        problem_at=0.01,
    ),
    "contradicting": Check(
        "Contradicting labels",
        "The same face under two labels: at least one is wrong, and no model can get both right.",
        "Look at each group, correct the wrong label or exclude the group.",
        problem_at=0.01,
    ),
    "missing_class": Check(
        "Classes missing from a split",
        "A class without training pictures cannot be learned, and one without test pictures cannot be measured.",
        "Add pictures of the class to that split, or leave the class out.",
        unit="combinations of class and split",
    ),
    "imbalance": Check(
        "Class imbalance",
        "Rare classes hardly count in the accuracy, and a model learns to avoid them.",
        "Report macro-F1 and recall per class; add pictures of the rare classes or weight them in training.",
    ),
    "unreadable": Check(
        "Unreadable files",
        "They are left out of everything; a damaged download often shows here first.",
        "Get these files again, or remove them.",
        problem_at=0.01,
    ),
    "blank": Check(
        "Blank pictures",
        "A picture of one colour shows no face, but it has a label: it teaches nothing and is measured as an error.",
        "Exclude them.",
        problem_at=0.01,
    ),
    "near_constant": Check(
        "Nearly constant pictures",
        "With almost no contrast there is hardly a face to see.",
        "Look at them and exclude those without a face.",
        warning_at=0.01, problem_at=0.05,
    ),
    "odd_size": Check(
        "Odd sizes",
        "Pictures of another size are scaled to fit, so they are blurred or distorted unlike the rest.",
        "Look whether they were cropped like the others; exclude what was not.",
        warning_at=0.05,
    ),
    "odd_mode": Check(
        "Odd colour modes",
        "Palette, transparent or 16-bit pictures among others often come from another source.",
        "Look at them; convert them if the colours are wrong.",
        warning_at=0.05,
    ),
    "split_brightness": Check("Brightness of the splits", _SPLITS_DIFFER, "Vary the brightness while training."),
    "split_contrast": Check("Contrast of the splits", _SPLITS_DIFFER, "Vary the contrast while training."),
    "split_sharpness": Check(
        "Sharpness of the splits", _SPLITS_DIFFER,
        "Get both splits from the original pictures; if that is impossible, vary the blur while training.",
    ),
    "split_format": Check(
        "File formats of the splits",
        "JPEG discards detail and PNG does not, so formats that differ between splits leave different traces.",
        "Get both splits in one format from the original pictures.",
    ),
    "split_compression": Check(
        "Compression of the splits",
        "Pixels that were compressed unlike the training pictures look different to a model.",
        "Get both splits from the original pictures, or compress the training pictures like the others.",
    ),
    "identical": Check(
        "Identical pictures",
        "Copies count several times in training, and in a test split they count several times in the accuracy.",
        "Keep one of each group; validation parts are divided by group in any case.",
        warning_at=0.01, problem_at=0.2,
    ),
    "near_duplicate": Check(
        "Near duplicates",
        "The same photo saved again, moved, scaled or mirrored adds less variety than its count says.",
        "Look at the groups; keep the best of each if variety matters.",
        warning_at=0.05, problem_at=0.4,
    ),
    "face_not_found": Check(
        "No face found",
        "The detector sees no face: a drawing, a wrong crop, or a face that is turned away or covered.",
        "Look at them and exclude what is no face.",
        warning_at=0.1, problem_at=0.3,
    ),
    "off_centre": Check(
        "Face off-centre or small",
        "The model reads centred faces; what was cropped differently is read badly.",
        "Crop these pictures again around the face, or exclude them.",
        warning_at=0.1, problem_at=0.3,
    ),
    "suspicious_label": Check(
        "Suspicious labels",
        "A model that never saw these pictures is sure of another class: some of the labels will be wrong.",
        "Look at them, the most suspicious first, and correct the wrong ones.",
        warning_at=0.05,
    ),
}  # fmt: skip
