// Where another process of this host finds what HTTP_LISTEN serves.

import { endpointText } from '../endpoint.ts';
import type { Listen } from '../config/text-values.ts';

/** `http://127.0.0.1:9464`; an address that stands for all of them is asked on the loopback one. */
export function urlOf({ host, port }: Listen): string {
  const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${endpointText({ host: asked, port })}`;
}
