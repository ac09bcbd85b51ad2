"""Writes fastavro.json.gz: random schemas with datums encoded by fastavro, and what is in them.

    pip install fastavro && python3 test/vectors/make-fastavro.py

Each of the 1,000 schemas has a few fields that are named as Information Elements, in several Avro
types, among others that nobody maps. For each datum stand its octets, the value at every path, and
what tshark shows of the mapped ones.
"""

import base64, gzip, io, ipaddress, json, os, random, struct
from datetime import datetime, timezone
import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form

random.seed(20261124)
SCHEMAS, RECORDS = 1000, 10
PROTOCOLS = {"TCP": 6, "UDP": 17, "ICMP": 1, "GRE": 47}


def long_value():
    edge = random.choice([0, 1, -1, 2**31, -(2**31), 2**52, -(2**52) - 1, 2**53, 2**63 - 1, -(2**63)])
    return random.choice([edge, random.getrandbits(random.randint(1, 63)), -random.getrandbits(62)])


def text():
    return "".join(random.choice("abcXYZ 0189-_.äß漢🙂\u0000\ufffd") for _ in range(random.randint(0, 12)))


class Noise:
    """Fields of any type, with values tagged by kind."""

    def __init__(self):
        self.names = 0

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def type(self, depth=0):
        kinds = ["boolean", "int", "long", "float", "double", "bytes", "string", "fixed", "enum",
                 "decimal", "timestamp", "optional", "union", "array", "map"]
        if depth < 3:
            kinds += ["record", "record"]
        kind = random.choice(kinds)
        if kind in ("boolean", "int", "long", "float", "double", "bytes", "string"):
            return kind
        if kind == "fixed":
            return {"type": "fixed", "name": self.name("F"), "size": random.randint(0, 20)}
        if kind == "enum":
            return {"type": "enum", "name": self.name("E"), "symbols": ["A", "B", "C"]}
        if kind == "decimal":
            return {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
        if kind == "timestamp":
            return {"type": "long", "logicalType": random.choice(
                ["timestamp-millis", "timestamp-micros", "local-timestamp-millis", "time-micros"])}
        if kind == "optional":
            return ["null", self.scalar()]
        if kind == "union":
            return random.choice([["string", "null", "long"], ["bytes", "boolean", "null"],
                                  ["null", "double", "string"]])
        if kind == "array":
            return {"type": "array", "items": random.choice(["int", "long", "string", ["null", "long"]])}
        if kind == "map":
            return {"type": "map", "values": "long"}
        fields = [{"name": self.name("n"), "type": self.type(depth + 1)} for _ in range(random.randint(0, 3))]
        return {"type": "record", "name": self.name("R"), "fields": fields}

    def scalar(self):
        return random.choice(["boolean", "int", "long", "float", "double", "bytes", "string"])

    def value(self, type_, path, leaves):
        if isinstance(type_, list):
            member = random.choice(type_)
            if member == "null":
                leaves[path] = None
                return None
            return self.value(member, path, leaves)
        kind = type_ if isinstance(type_, str) else type_["type"]
        if kind == "record":
            return {f["name"]: self.value(f["type"], f"{path}.{f['name']}", leaves) for f in type_["fields"]}
        if kind == "array":
            inner = [{} for _ in range(random.randint(0, 4))]
            values = [self.value(type_["items"], "x", one) for one in inner]
            leaves[path] = {"list": [one["x"] for one in inner]}
            return values
        if kind == "map":
            keys = random.sample(["one", "two", "a.b"], random.randint(0, 3))
            for key in ["one", "a.b"]:
                leaves[f'{path}."{key}"'] = None
            return {key: self.value("long", f'{path}."{key}"', leaves) for key in keys}
        if kind == "boolean":
            value = random.random() < 0.5
            leaves[path] = value
        elif kind == "int":
            value = random.choice([0, 1, -1, 2**31 - 1, -(2**31), random.getrandbits(20)])
            leaves[path] = {"integer": str(value)}
        elif kind == "long":
            value = long_value()
            leaves[path] = {"integer": str(value)}
        elif kind == "float":
            value = struct.unpack("<f", struct.pack("<f", random.uniform(-1e6, 1e6)))[0]
            leaves[path] = {"double": struct.pack(">d", value).hex()}
        elif kind == "double":
            value = random.choice([0.0, -0.0, 1.5, 1e300, random.uniform(-1e12, 1e12)])
            leaves[path] = {"double": struct.pack(">d", value).hex()}
        elif kind in ("bytes", "fixed"):
            value = os.urandom(type_["size"] if kind == "fixed" else random.randint(0, 20))
            leaves[path] = {"octets": value.hex()}
        elif kind == "enum":
            value = random.choice(type_["symbols"])
            leaves[path] = value
        else:
            value = text()
            leaves[path] = value
        return value


def tshark_time(ms):
    at = datetime.fromtimestamp(ms // 1000, timezone.utc)
    return at.strftime("%b ") + f"{at.day:2d}" + at.strftime(", %Y %H:%M:%S.") + f"{ms % 1000:03d}000000 UTC"


def address():
    if random.random() < 0.5:
        return ipaddress.IPv4Address(random.getrandbits(32))
    return ipaddress.IPv6Address((0x20010DB8 << 96) | random.getrandbits(64))


class Flow:
    """Fields named as elements: a type for each, a value for each datum, and tshark's words for it."""

    def __init__(self, noise):
        self.noise = noise
        fixed16 = {"type": "fixed", "name": noise.name("Ip"), "size": 4}
        self.fields = [("flowId", "long", self.flow_id)]
        self.v4 = random.random() < 0.3
        form = random.choice(["fixed" if self.v4 else "bytes", "string"])
        self.fields.append(("sourceAddress", fixed16 if form == "fixed" else form, self.source))
        choices = [
            ("sourceTransportPort", random.choice(["int", "long", "string", "double"]), self.port),
            ("protocolIdentifier", random.choice(["int", "string", {
                "type": "enum", "name": noise.name("Proto"), "symbols": list(PROTOCOLS)}]), self.protocol),
            ("octetDeltaCount", random.choice(["long", "string", ["null", "long"], {
                "type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 0}]), self.octets),
            ("flowStartMilliseconds", random.choice(["long", "string", {
                "type": "long", "logicalType": random.choice(
                    ["timestamp-millis", "timestamp-micros", "timestamp-nanos"])}]), self.start),
            ("sourceMacAddress", random.choice(["string", "bytes", "long"]), self.mac),
            ("bgpSourceAsNumber", random.choice(["long", ["null", "long"]]), self.asn),
            ("applicationName", random.choice(["string", ["null", "string"]]), self.application),
        ]
        self.fields += random.sample(choices, random.randint(1, len(choices)))
        random.shuffle(self.fields)

    def optional(self, type_):
        return isinstance(type_, list) and random.random() < 0.5

    def flow_id(self, type_, number, shown):
        shown["cflow.flow_id"] = str(number)
        return number, {"integer": str(number)}

    def source(self, type_, number, shown):
        one = ipaddress.IPv4Address(random.getrandbits(32)) if self.v4 else address()
        shown["cflow.srcaddr" if one.version == 4 else "cflow.srcaddrv6"] = str(one)
        if type_ == "string":
            return str(one), str(one)
        return one.packed, {"octets": one.packed.hex()}

    def port(self, type_, number, shown):
        one = random.getrandbits(16)
        shown["cflow.srcport"] = str(one)
        if type_ == "string":
            return str(one), str(one)
        if type_ == "double":
            return float(one), {"double": struct.pack(">d", one).hex()}
        return one, {"integer": str(one)}

    def protocol(self, type_, number, shown):
        name = random.choice(list(PROTOCOLS))
        shown["cflow.protocol"] = str(PROTOCOLS[name])
        if type_ == "int":
            return PROTOCOLS[name], {"integer": str(PROTOCOLS[name])}
        word = name if isinstance(type_, dict) else random.choice([name, name.lower(), str(PROTOCOLS[name])])
        return word, word

    def octets(self, type_, number, shown):
        if self.optional(type_):
            return None, None
        one = random.choice([0, 1, 2**31, 2**53 + 1, 2**63 - 1, random.getrandbits(50)])
        shown["cflow.octets"] = str(one)
        if type_ == "string":
            return str(one), str(one)
        if isinstance(type_, dict):
            packed = one.to_bytes(9, "big", signed=True)
            return packed, {"octets": packed.hex()}
        return one, {"integer": str(one)}

    def start(self, type_, number, shown):
        ms = 1_600_000_000_000 + random.getrandbits(38)
        shown["cflow.abstimestart"] = tshark_time(ms)
        if type_ == "string":
            at = datetime.fromtimestamp(ms // 1000, timezone.utc)
            word = random.choice([
                at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z",
                f"{ms // 1000}.{ms % 1000:03d}",
                datetime.fromtimestamp(ms // 1000 + 7200, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.")
                + f"{ms % 1000:03d}+02:00"])
            return word, word
        scale = 1
        if isinstance(type_, dict):
            scale = {"timestamp-millis": 1, "timestamp-micros": 10**3, "timestamp-nanos": 10**6}[type_["logicalType"]]
        one = ms * scale + random.randrange(scale)
        return one, {"integer": str(one)}

    def mac(self, type_, number, shown):
        one = os.urandom(6)
        shown["cflow.srcmac"] = ":".join(f"{octet:02x}" for octet in one)
        if type_ == "bytes":
            return one, {"octets": one.hex()}
        if type_ == "long":
            return int.from_bytes(one, "big"), {"integer": str(int.from_bytes(one, "big"))}
        word = random.choice([one.hex(":"), one.hex("-").upper(), one.hex(".", 2), one.hex()])
        return word, word

    def asn(self, type_, number, shown):
        if self.optional(type_):
            return None, None
        one = random.getrandbits(32)
        shown["cflow.srcas"] = str(one)
        return one, {"integer": str(one)}

    def application(self, type_, number, shown):
        if self.optional(type_):
            return None, None
        word = "".join(random.choice("abcdefgh-") for _ in range(random.choice([1, 5, 254, 255, 300])))
        shown["cflow.appl_name"] = word
        return word, word


def main():
    number, schemas = 0, []
    for _ in range(SCHEMAS):
        noise = Noise()
        flow = Flow(noise)
        fields = [{"name": name, "type": type_} for name, type_, _ in flow.fields]
        extra = [{"name": noise.name("x"), "type": noise.type()} for _ in range(random.randint(0, 3))]
        both = fields + extra
        random.shuffle(both)
        schema = {"type": "record", "name": "Event", "namespace": "any.avro", "fields": both}
        parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
        datums = []
        for _ in range(RECORDS):
            number += 1
            leaves, shown, event = {}, {}, {}
            for name, type_, make in flow.fields:
                event[name], leaves[name] = make(type_, number, shown)
            for field in extra:
                event[field["name"]] = noise.value(field["type"], field["name"], leaves)
            octets = io.BytesIO()
            fastavro.schemaless_writer(octets, parsed, event)
            datums.append({"octets": base64.b64encode(octets.getvalue()).decode(), "leaves": leaves, "shown": shown})
        crc = fingerprint(to_parsing_canonical_form(json.loads(json.dumps(schema))), "CRC-64-AVRO")
        schemas.append({"schema": schema, "fingerprint": crc, "datums": datums})
    made_by = f"fastavro {fastavro.__version__}, test/vectors/make-fastavro.py"
    text = json.dumps({"madeBy": made_by, "schemas": schemas}, ensure_ascii=False, separators=(",", ":"))
    with gzip.GzipFile(os.path.join(os.path.dirname(__file__), "fastavro.json.gz"), "wb", 9, mtime=0) as file:
        file.write(text.encode())


main()
