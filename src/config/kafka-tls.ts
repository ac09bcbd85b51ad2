// The files that TLS towards Kafka needs, read and tried: what cannot be used is a fault of the settings.

import type { Fault } from '../fault.ts';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { SettingName, SettingValues } from './settings.ts';

/** PEM texts. */
export interface KafkaPems {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

const files = {
  ca: 'KAFKA_TLS_CA_FILE',
  cert: 'KAFKA_TLS_CERT_FILE',
  key: 'KAFKA_TLS_KEY_FILE',
} as const satisfies Record<string, SettingName>;

export function readKafkaPems(values: Partial<SettingValues>): {
  pems: KafkaPems;
  faults: Fault[];
} {
  const faults: Fault[] = [];
  const read = (kind: keyof typeof files): string | undefined => {
    const path = values[files[kind]];
    if (path === undefined) return undefined;
    const where = `${files[kind]} (${path})`;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      faults.push({ where, problem: `cannot be read (${code}); name a readable file` });
      return undefined;
    }
  };
  const pems = { ca: read('ca'), cert: read('cert'), key: read('key') };
  if (faults.length === 0) faults.push(...contextFaults(pems, values));
  return { pems, faults };
}

function* contextFaults(pems: KafkaPems, values: Partial<SettingValues>): Iterable<Fault> {
  const { ca, cert, key } = pems;
  const passphrase = values.KAFKA_TLS_KEY_PASSWORD;
  // OpenSSL passes a file over in which it finds no certificate.
  if (ca !== undefined && !ca.includes('-----BEGIN')) {
    yield {
      where: files.ca,
      problem: 'contains no certificate in PEM format; name a file that does',
    };
  }
  if (cert === undefined || key === undefined) return;
  try {
    createSecureContext({ cert, key, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    const { message } = error as Error;
    const fix =
      'check that it is the key of KAFKA_TLS_CERT_FILE, and correct KAFKA_TLS_KEY_PASSWORD';
    yield { where: files.key, problem: `cannot be used (${message}); ${fix}` };
  }
}
