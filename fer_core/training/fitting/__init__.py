"""The fitting itself: stream, loss, schedule, phases, validation, state. Everything here may import Keras."""
