"""The same photo twice: re-encoded, moved, mirrored, or in two splits; `pairs.py` is the way in."""
