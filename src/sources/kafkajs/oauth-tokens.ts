// Bearer tokens by client credentials (RFC 6749 §4.4): asked for when one is needed, and again before
// the last one expires.

export interface OAuthClient {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

export class OAuthTokenError extends Error {
  readonly code = 'KAFKA_OAUTH_TOKEN';
  override readonly name = 'OAuthTokenError';
}

const timeoutMs = 10_000;
/** It is requested again when this much of its life is over. */
const renewedAfter = 0.8;
/** RFC 6749 §5.1 only recommends that the server says it. */
const lifeDefaultS = 300;

export class OAuthTokens {
  readonly #client: OAuthClient;
  readonly #nowMs: () => number;
  #token: Promise<string> | undefined;
  #renewAtMs = 0;

  constructor(client: OAuthClient, nowMs: () => number = () => performance.now()) {
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** Throws OAuthTokenError; the next call asks again. */
  token(): Promise<string> {
    if (this.#token && this.#nowMs() < this.#renewAtMs) return this.#token;
    // Connections that open together share one request.
    this.#renewAtMs = this.#nowMs() + timeoutMs;
    const asking = this.#ask();
    this.#token = asking;
    asking.catch(() => {
      if (this.#token === asking) this.#token = undefined;
    });
    return asking;
  }

  async #ask(): Promise<string> {
    const { url, clientId, clientSecret, scope } = this.#client;
    const credentials = [clientId, clientSecret].map(encodeURIComponent).join(':');
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope !== undefined && { scope }),
    });
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new OAuthTokenError(`${url} returned no token: ${wordsOf(cause)}`, { cause });
    });
    if (!response.ok) {
      throw new OAuthTokenError(
        `${url} returned no token: HTTP ${response.status}; ` +
          'correct KAFKA_SASL_OAUTH_CLIENT_ID, KAFKA_SASL_OAUTH_CLIENT_SECRET or KAFKA_SASL_OAUTH_SCOPE',
      );
    }
    const { access_token: token, expires_in: lifeS = lifeDefaultS } = (await response
      .json()
      .catch(() => ({}))) as { access_token?: unknown; expires_in?: unknown };
    if (typeof token !== 'string' || token === '') {
      throw new OAuthTokenError(
        `${url} returned a response without a token; correct KAFKA_SASL_OAUTH_TOKEN_URL`,
      );
    }
    this.#renewAtMs = this.#nowMs() + Number(lifeS) * 1_000 * renewedAfter;
    return token;
  }
}

function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
