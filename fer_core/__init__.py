"""Facial-expression recognition: datasets, training, honest evaluation and prediction, without a browser."""

import os

# Weights are HDF5 files, and HDF5 refuses a folder that knows no locks, such as a mounted Google Drive. One process
# writes each of them, under another name until it is whole. HDF5 looks at this when it is first imported.
os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
