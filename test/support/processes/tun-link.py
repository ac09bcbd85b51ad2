"""Runs a command in a network of its own, whose only way out is a link as slow as told: a tun interface
behind `tc qdisc tbf`. What comes out of the link goes on, from the network outside, to a UDP port of
127.0.0.1 there, whatever its destination was; nothing ever comes back, not even a refusal. The TCP port
of a broker on 127.0.0.1 is the same inside as outside, and as fast as ever.

Arguments: the link's rate in bits a second, its queue in octets, the UDP port, the TCP port or 0, and the
command, which takes this process's place. Needs the right to make networks: `unshare --map-root-user`."""

import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import threading

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
UDP = 17


def pump(source, target):
    """Everything from one connection into the other, up to its end."""
    try:
        while octets := source.recv(65_536):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        target.close()


def join(inside, port):
    try:
        outside = socket.create_connection(("127.0.0.1", port))
    except OSError:
        inside.close()
        return
    for source, target in ((inside, outside), (outside, inside)):
        threading.Thread(target=pump, args=(source, target), daemon=True).start()


def carry(control, recorder_port, broker_port):
    """The far end, in the network outside, until the command has ended and the link is empty."""
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    _, (tun, listening), _, _ = socket.recv_fds(control, 1, 2)
    listener = socket.socket(fileno=listening)
    waited = [tun, control] + ([listener] if broker_port else [])
    while True:
        ready = select.select(waited, [], [], None if control in waited else 1)[0]
        if not ready:
            return
        if control in ready:
            waited = [tun]
        if listener in ready:
            join(listener.accept()[0], broker_port)
        if tun in ready:
            packet = os.read(tun, 65_536)
            if packet[0] >> 4 == 4 and packet[9] == UDP:
                try:
                    collector.sendto(packet[(packet[0] & 15) * 4 + 8 :], ("127.0.0.1", recorder_port))
                except OSError:
                    pass


rate, limit, recorder_port, broker_port = map(int, sys.argv[1:5])
near, far = socket.socketpair()
if os.fork() == 0:
    near.close()
    carry(far, recorder_port, broker_port)
    os._exit(0)
far.close()

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(CLONE_NEWNET) != 0:
    raise OSError(ctypes.get_errno(), "unshare")
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
for command in (
    "ip link set lo up",
    "ip addr add 192.0.2.1/24 dev tun0",
    "ip link set tun0 up",
    f"tc qdisc add dev tun0 root tbf rate {rate} burst 16kb limit {limit}",
):
    subprocess.check_call(command.split())
listener = socket.create_server(("127.0.0.1", broker_port))
socket.send_fds(near, [b"."], [tun, listener.fileno()])
# Open for as long as the command runs: its end is the far end's word.
near.set_inheritable(True)
os.execvp(sys.argv[5], sys.argv[5:])
