// How many fragments this kernel has made of datagrams: it moves when one was longer than its link.

import { readFileSync } from 'node:fs';

export interface Fragments {
  readonly ipv4: number;
  readonly ipv6: number;
}

// proc(5)
//   snmp  => "Ip:" names, then "Ip:" values, in columns
//   snmp6 => name value, in lines
export function fragmentsCreated(): Fragments {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('Ip: '));
  const column = names.split(' ').indexOf('FragCreates');
  const ipv6 = /^Ip6FragCreates\s+(\d+)$/m.exec(readFileSync('/proc/net/snmp6', 'latin1'));
  return { ipv4: Number(values.split(' ')[column]), ipv6: Number(ipv6?.[1]) };
}
