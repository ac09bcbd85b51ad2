// The status page: its parts put together to one answer that needs nothing else. Its script and
// style are allowed by their hashes, and nothing beside them.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Answer } from './server.ts';

const part = (name: string): string =>
  readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export function statusPage(): Answer {
  const style = part('page.css');
  const script = part('page.js');
  const body = part('page.html')
    .replace('<!-- page.css -->', () => `<style>${style}</style>`)
    .replace('<!-- page.js -->', () => `<script type="module">${script}</script>`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body,
    headers: { 'content-security-policy': policy },
  };
}
