"""Whether a run ends because its user stopped it, and not because something went wrong."""

import signal
import threading
from types import FrameType


class Interruption:
    """Ctrl-C, from the moment it is watched for on."""

    def __init__(self) -> None:
        """Begin without any."""
        self.seen = False

    def watch(self) -> None:
        """Note Ctrl-C from now on, and do what Python does with it all the same."""
        if threading.current_thread() is threading.main_thread():  # no other may
            signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.seen = True
        signal.default_int_handler(number, frame)
