"""Drawn faces, free of any licence, so that everything can be tried at once; `faces.py` is the way in."""
