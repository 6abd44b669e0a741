"""Honest figures from arrays: true classes and predicted probabilities in, tables and thresholds out.

Nothing here knows a dataset, a model or a page; what needs more than NumPy is loaded where it is used.
"""

from fer_core.evaluation.calibration import apply_temperature, fit_temperature, unsure_threshold
from fer_core.evaluation.full_report import full_report
from fer_core.evaluation.metrics import classification_report

__all__ = ["apply_temperature", "classification_report", "fit_temperature", "full_report", "unsure_threshold"]
