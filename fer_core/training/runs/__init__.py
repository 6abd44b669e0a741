"""Runs as folders: start, queue, record, results, notes. Nothing here but the record imports Keras."""
