"""The states of a run in words that a page shows, each with its icon."""

from dataclasses import dataclass

from fer_app.job_view import duration
from fer_core.jobs import JobStatus


@dataclass(frozen=True)
class StateWords:
    """A state on screen.

    Args:
        title: One or two words.
        icon: Material icon.
        color: Colour of the badge.
    """

    title: str
    icon: str
    color: str


STATE_WORDS: dict[str, StateWords] = {
    "queued": StateWords("Waiting", ":material/hourglass_top:", "grey"),
    "starting": StateWords("Starting", ":material/play_circle:", "blue"),
    "running": StateWords("Under way", ":material/model_training:", "blue"),
    "stopping": StateWords("Stopping", ":material/hourglass_bottom:", "orange"),
    "completed": StateWords("Completed", ":material/check_circle:", "green"),
    "stopped": StateWords("Stopped", ":material/stop_circle:", "orange"),
    "failed": StateWords("Failed", ":material/error:", "red"),
    "lost": StateWords("Lost", ":material/link_off:", "red"),
}


def place_in_queue(status: JobStatus) -> str:
    """Say how many trainings have their turn before a waiting one."""
    ahead = int(status.details.get("ahead") or 0)
    if not ahead:
        return "next in line"
    return "one training ahead of it" if ahead == 1 else f"{ahead} trainings ahead of it"


def end_sentence(status: JobStatus, *, has_model: bool) -> str:
    """Say how a run ended, in one sentence or two."""
    took = duration(status.seconds_elapsed)
    if status.state == "completed":
        return f"Finished in {took}."
    if status.state == "stopped" and status.working_since is None and not has_model:
        return "Taken out of the queue before its turn came."
    if status.state == "stopped":
        kept = "The best model so far is kept." if has_model else "No epoch had ended, so there is no model."
        return f"Stopped after {took}. {kept}"
    reason = (status.error or "It ended without a word.").partition("\n")[0]
    word = "failed" if status.state == "failed" else "was lost"
    kept = " The model of its best epoch is kept." if has_model else ""
    return f"The training {word} after {took}. {reason}{kept}"
