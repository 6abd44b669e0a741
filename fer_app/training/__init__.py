"""The form, runs and live curves of the Training page."""
