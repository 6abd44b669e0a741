"""Faces in pictures: where they are, and the square of each that a network reads."""

from fer_core.faces.crop import crop_face, whole_picture
from fer_core.faces.detection import Detection, FaceDetector

__all__ = ["Detection", "FaceDetector", "crop_face", "whole_picture"]
