// Asking a run on this host, or elsewhere, by HTTP: what `healthcheck` and `top` share.

import { processEnvironment, readConfig } from '../config/config.ts';
import { urlOf } from '../http/address.ts';
import { UsageError } from './usage-error.ts';

/** Paths of ours at the end of a URL that somebody copied. */
const ownPath = /(?:\/(?:livez|readyz|metrics|stats|history|version))?\/*$/;

/** `--url`, or else where HTTP_LISTEN of this environment says. Throws UsageError. */
export function baseUrl(given: string | undefined): string {
  if (given !== undefined) {
    if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) {
      return given.replace(ownPath, '');
    }
    throw new UsageError(`--url ${given} is not an http:// URL; write it as http://127.0.0.1:9464`);
  }
  const { HTTP_LISTEN: listen } = readConfig(processEnvironment()).partial;
  if (listen === undefined)
    throw new UsageError('HTTP_LISTEN is invalid; correct it, or give --url');
  if (listen === 'off') throw new UsageError('HTTP_LISTEN is off; give --url');
  return urlOf(listen);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Rejects with an Error that says where nothing answered. */
export async function ask(url: string, timeoutMs: number): Promise<Answer> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'manual',
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { cause, message, name } = error as Error;
    const why =
      name === 'TimeoutError'
        ? `no response within ${timeoutMs} ms`
        : (messageOf(cause) ?? message);
    throw new Error(`${url} does not answer: ${why}; check that \`run\` is running there`, {
      cause: error,
    });
  }
}

function messageOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  return cause.message || (cause as NodeJS.ErrnoException).code;
}
