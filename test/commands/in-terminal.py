"""Runs a command in a terminal of 80 by 24 until a text is shown, then presses a key and waits for its end.

in-terminal.py TEXT KEY COMMAND [ARG ...]

Writes all that was sent to the terminal, and ends with the command's exit code; 124 where it takes a minute.
The terminal has to be as it was before, else it ends with 125.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

text, key, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
reader, writer = pty.openpty()
fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
before = termios.tcgetattr(writer)


def controlling():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


child = subprocess.Popen(command, stdin=writer, stdout=writer, stderr=writer, preexec_fn=controlling)
shown, pressed, end = b"", False, time.monotonic() + 60
while True:
    ready, _, _ = select.select([reader], [], [], 0.1)
    if ready:
        shown += os.read(reader, 65536)
    elif child.poll() is not None:
        break
    if not pressed and text in shown:
        pressed = True
        os.write(reader, key)
    if time.monotonic() > end:
        child.kill()
        sys.exit(124)
sys.stdout.buffer.write(shown)
# Node.js leaves the terminal's own settings; only these decide whether lines and keys work.
wanted = termios.ECHO | termios.ICANON | termios.ISIG
after = termios.tcgetattr(writer)
sys.exit(child.returncode if after[3] & wanted == before[3] & wanted else 125)
