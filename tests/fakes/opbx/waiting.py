"""The one way in which the fake lets time go by."""

import threading


def wait(seconds):
    """Holds up this request alone."""
    if seconds:
        threading.Event().wait(seconds)
