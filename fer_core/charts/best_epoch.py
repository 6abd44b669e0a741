"""The best epoch of a history, as the training chose it: what the figures mark."""

import pandas as pd

# What decides between epochs that are equal by the metric, as the training does it.
_SECOND = {"val_loss": "val_accuracy"}


def best_epoch_row(history: pd.DataFrame, selected_by: str) -> "pd.Series | None":
    """Return the row of the best epoch, None where no epoch has a value.

    Args:
        history: One row an epoch.
        selected_by: Column that decides: `val_loss` (low is better), `val_accuracy` or `val_macro_f1`.
    """
    if selected_by not in history or history[selected_by].notna().sum() == 0:
        return None
    second = _SECOND.get(selected_by, "val_loss")
    tie = [second] if second in history else []
    lower_is_better = selected_by == "val_loss"
    order = [lower_is_better, not lower_is_better][: 1 + len(tie)]
    return history.sort_values([selected_by, *tie], ascending=order, kind="stable").iloc[0]


def best_epoch_words(row: "pd.Series", selected_by: str) -> str:
    """Say how good the best epoch is: `62.5 % validation accuracy`."""
    score = float(row[selected_by])
    text = f"{score:.3f}" if selected_by == "val_loss" else f"{100 * score:.1f} %"
    return f"{text} {selected_by.replace('val_', 'validation ').replace('macro_f1', 'macro-F1')}"
