"""What takes time in AWS and none in moto: how long, and whether it ends well, is set by a test (server.py)."""

import time


class Pace:
    """How long an operation takes from now on, in seconds, and whether it then comes to nothing."""

    def __init__(self):
        self.seconds = 0.0
        self.fails = False

    def due(self):
        return time.monotonic() + self.seconds


promotion = Pace()
cache_failover = Pace()

paces = {"promotion": promotion, "cacheFailover": cache_failover}


def passed(due):
    return due is not None and time.monotonic() >= due
