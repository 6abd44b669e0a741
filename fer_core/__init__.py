"""Facial-expression recognition: datasets, training, honest evaluation and prediction, without a browser."""
