// How an address and port are written, in logs, reports and errors alike.

/** `host:port`, an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function endpointText({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A collector as COLLECTORS names it, without the scheme of the usual one. */
export function collectorText(
  collector: { host: string; port: number } | { file: string },
): string {
  return 'file' in collector ? `file:${collector.file}` : endpointText(collector);
}
