// Authorities and certificates of a test's own, made by openssl.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-tls-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The text of `NAME.pem` or `NAME.key`. */
  pem(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  authority(name: string): void {
    this.#openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  }

  /** For 127.0.0.1, or another address; `days` below 0: expired. */
  certificate(name: string, by: string, { days = 2, address = '127.0.0.1' } = {}): void {
    const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
    this.#openssl('req', '-newkey', 'rsa:2048', '-nodes', ...request);
    writeFileSync(this.path('names'), `subjectAltName=IP:${address}`);
    this.#openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', 'names'],
      ...['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-days', String(days)],
    );
  }

  /** Key and certificate in one file, as a broker takes them. */
  keystore(name: string): string {
    const path = this.path(`${name}.store.pem`);
    writeFileSync(path, this.pem(`${name}.key`) + this.pem(`${name}.pem`));
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #openssl(...words: readonly string[]): void {
    execFileSync('openssl', words, { cwd: this.folder, stdio: 'ignore' });
  }
}
