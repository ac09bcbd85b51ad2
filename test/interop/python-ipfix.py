# Reads IPFIX Messages from standard input, one after the other, and prints for each Data Record a
# line of JSON: the names and values as python-ipfix gives them. A Message that it cannot read is
# told in a line of its own; the next one is read all the same.

import binascii
import json
import sys

import ipfix.ie
import ipfix.message


def text(value):
    if isinstance(value, bytes):
        return binascii.hexlify(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(timespec="microseconds") if hasattr(value, "isoformat") else str(value)


def main():
    ipfix.ie.use_iana_default()
    ipfix.ie.use_5103_default()
    messages = ipfix.message.MessageBuffer()
    octets = sys.stdin.buffer.read()
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at + 2 : at + 4], "big")
        try:
            messages.from_bytes(octets[at : at + length])
            for record in messages.namedict_iterator():
                print(json.dumps({name: text(value) for name, value in record.items()}))
        except Exception as error:
            print(json.dumps({"fault": f"{type(error).__name__}: {error}"}))
        at += length


main()
