"""Prediction: from photos to tables. `batch.predict_files` does the same for folders of them."""

from fer_core.prediction.predictor import FACE_MODES, Predictor, load_predictor
from fer_core.prediction.results import Face, Prediction

__all__ = ["FACE_MODES", "Face", "Prediction", "Predictor", "load_predictor"]
