"""The curves of a training for TensorBoard: one scalar an epoch and a figure.

Written with TensorBoard's own protocol buffers and record format, so that no backend has to load TensorFlow for it.
"""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

_VERSION = "brain.Event:2"  # what a file of events begins with


class TensorBoardLog:
    """A folder of TensorBoard events that grows by one event an epoch.

    Args:
        folder: The folder; every start of a training adds a file to it.
        first_step: Number of the first epoch that will be written; TensorBoard forgets what an earlier file says
            about it and later ones.
    """

    def __init__(self, folder: Path, *, first_step: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        # TensorBoard reads the files of a folder in the order of their names.
        number = sum(1 for _ in folder.iterdir())
        host = socket.gethostname()
        self.path = folder / f"events.out.tfevents.{int(now):010d}.{number:04d}.{host}.{os.getpid()}"
        self._append(Event(wall_time=now, file_version=_VERSION))
        if first_step > 1:
            log = SessionLog(status=SessionLog.START)
            self._append(Event(wall_time=now, step=first_step, session_log=log))

    def write(self, step: int, scalars: Mapping[str, float], *, at: float) -> None:
        """Append the figures of an epoch.

        Args:
            step: Number of the epoch, from 1.
            scalars: Name -> value.
            at: When it ended, unix seconds.

        Raises:
            OSError: If they cannot be written.
        """
        values = [Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
        self._append(Event(wall_time=at, step=step, summary=Summary(value=values)))

    def _append(self, event: Event) -> None:
        with self.path.open("ab") as file:
            RecordWriter(file).write(event.SerializeToString())
