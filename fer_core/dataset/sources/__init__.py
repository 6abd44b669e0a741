"""Where datasets come from: folders, archives, tables, addresses and Kaggle; `source.py` is the way in."""
