# Writes python-ipfix.ipfix beside this file: an IPFIX File of four Messages by python-ipfix 0.9.7.
#   /usr/bin/python3 test/vectors/make-python-ipfix.py

import datetime
import ipaddress
import pathlib

import ipfix.ie
import ipfix.template
import ipfix.writer

ipfix.ie.use_iana_default()

flows = [
    "flowStartMilliseconds", "flowEndMilliseconds", "sourceIPv4Address", "destinationIPv4Address",
    "sourceTransportPort", "destinationTransportPort", "protocolIdentifier", "octetDeltaCount",
    "applicationName",
]
addresses = ["flowId", "sourceIPv6Address", "destinationIPv6Address", "sourceMacAddress"]

start = datetime.datetime(2026, 7, 1, 12, 0, 0, 250000)

with open(pathlib.Path(__file__).with_name("python-ipfix.ipfix"), "wb") as stream:
    writer = ipfix.writer.to_stream(stream, mtu=1400)
    writer.set_domain(7)
    writer.add_template(ipfix.template.from_ielist(256, ipfix.ie.spec_list(flows)))
    writer.add_template(ipfix.template.from_ielist(257, ipfix.ie.spec_list(addresses)))
    writer.set_export_template(256)
    for i in range(100):
        writer.export_namedict({
            "flowStartMilliseconds": start + datetime.timedelta(milliseconds=i),
            "flowEndMilliseconds": start + datetime.timedelta(seconds=i),
            "sourceIPv4Address": ipaddress.ip_address("192.0.2.1") + i,
            "destinationIPv4Address": ipaddress.ip_address("198.51.100.2"),
            "sourceTransportPort": 1024 + i,
            "destinationTransportPort": 443,
            "protocolIdentifier": 6,
            "octetDeltaCount": 2 ** 40 + i,
            "applicationName": "x" * (i % 7),
        })
    writer.set_export_template(257)
    for i in range(20):
        writer.export_namedict({
            "flowId": i,
            "sourceIPv6Address": ipaddress.ip_address("2001:db8::1") + i,
            "destinationIPv6Address": ipaddress.ip_address("2001:db8::ffff"),
            "sourceMacAddress": bytes([2, 0, 0, 0, 0, i]),
        })
    writer.flush()
