"""What people correct: an append-only file, its history, and patches to pass on; `edits.py` is the way in."""
