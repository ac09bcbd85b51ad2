"""Runs a command whose standard error is a terminal or a socket that is full and that nobody reads.

held-stderr.py terminal|socket COMMAND [ARG ...]
"""

import fcntl
import os
import pty
import signal
import socket
import subprocess
import sys


def pair(kind):
    if kind == "terminal":
        return pty.openpty()
    ends = socket.socketpair()
    return tuple(end.detach() for end in ends)


def fill(descriptor):
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        while True:
            os.write(descriptor, b"-" * 512)
    except BlockingIOError:
        pass
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)


reader, writer = pair(sys.argv[1])
fill(writer)
child = subprocess.Popen(sys.argv[2:], stderr=writer)
os.close(writer)
for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(name, lambda number, _: child.send_signal(number))
sys.exit(child.wait())
