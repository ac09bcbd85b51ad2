// Names that programs print for IP protocol numbers, in lower case.

const numbers: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  'ipv6-icmp': 58,
  sctp: 132,
};

/** The number; a name that is not known comes back as it is. */
export const protocolNumber = (name: string): string => String(numbers[name.toLowerCase()] ?? name);
