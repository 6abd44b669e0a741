"""What the Prediction page shows."""
