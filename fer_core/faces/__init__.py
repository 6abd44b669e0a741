"""Faces in pictures: where they are, the square of each that a network reads, and what may hinder the reading."""

from fer_core.faces.crop import crop_face, whole_picture
from fer_core.faces.detection import Detection, FaceDetector
from fer_core.faces.quality import QUALITY_NOTES, UNRELIABLE, quality_notes

__all__ = ["QUALITY_NOTES", "UNRELIABLE", "Detection", "FaceDetector", "crop_face", "quality_notes", "whole_picture"]
