"""A collector that never reads: it binds a UDP port of 127.0.0.1, says so, and when its standard input
ends it dies as one does that was killed: from that moment on datagrams are refused. What lay in its
queue unread it prints, a line of hex for each, which a real one takes to its grave."""

import socket
import sys
import time

port = int(sys.argv[1])
dying = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
dying.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 2**20)
dying.bind(("127.0.0.1", port))
print("listening", flush=True)
sys.stdin.read()
# Connected to another peer, the socket is nobody's any more for all that come from the stage.
dying.connect(("127.0.0.1", 9))
time.sleep(0.01)
dying.setblocking(False)
try:
    while True:
        print(dying.recv(65_536).hex())
except BlockingIOError:
    pass
