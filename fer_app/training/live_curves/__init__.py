"""The curves of runs in the browser, live or ended: zoom and choices stay while new rows come in."""

from fer_app.training.live_curves.component import show_curves, show_epoch_details, show_live

__all__ = ["show_curves", "show_epoch_details", "show_live"]
