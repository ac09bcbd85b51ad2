"""Runs a command in a network whose only way out is this program, and checks each UDP datagram's
checksum as RFC 768 and RFC 8200 define it. Prints the counts as JSON. A tun interface offers no
help with checksums, so the kernel has worked them out by the time a packet is read here."""

import fcntl
import json
import os
import select
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
UDP = 17


def ones_sum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def parts(packet):
    """Pseudo header and datagram of a UDP packet; None of any other."""
    if packet[0] >> 4 == 4 and packet[9] == UDP:
        datagram = packet[(packet[0] & 15) * 4 :]
        return packet[12:20] + struct.pack("!BBH", 0, UDP, len(datagram)), datagram
    if packet[0] >> 4 == 6 and packet[6] == UDP:
        datagram = packet[40:]
        return packet[8:40] + struct.pack("!IHBB", len(datagram), 0, 0, UDP), datagram
    return None


tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
for command in (
    "ip link set lo up",
    "ip addr add 192.0.2.1/24 dev tun0",
    "ip -6 addr add 2001:db8::1/64 dev tun0 nodad",
    "ip link set tun0 up",
):
    subprocess.check_call(command.split())

counts = {"good": 0, "bad": 0, "none": 0}
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
while True:
    ended = child.poll() is not None
    if not select.select([tun], [], [], 0.2)[0]:
        if ended:
            break
        continue
    found = parts(os.read(tun, 65_536))
    if not found or struct.unpack("!H", found[1][2:4])[0] != 4739:
        continue
    if found[1][6:8] == b"\0\0":
        counts["none"] += 1
    else:
        counts["good" if ones_sum(found[0] + found[1]) == 0xFFFF else "bad"] += 1
print(json.dumps({"code": child.returncode, **counts}))
