// Which Host headers are answered.

import { expect, test } from 'vitest';
import { allowedHost } from '../../src/http/allowed-host.ts';

const allowed = allowedHost(['stage.example', 'Other.Example.']);

test.each([
  '127.0.0.1',
  '192.0.2.7:9464',
  '[2001:db8::1]',
  '[::1]:9464',
  'localhost',
  'LOCALHOST:9464',
  'stage.localhost',
  'localhost.:9464',
  'stage.example',
  'STAGE.example:9464',
  'stage.example.',
  'other.example',
])('%s is answered', (header) => {
  expect(allowed(header)).toBe(true);
});

test.each([
  'evil.example',
  'evil.example:9464',
  'stage.example.evil.example',
  'notlocalhost',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '[2001:db8::1',
  '',
])('“%s” is not answered', (header) => {
  expect(allowed(header)).toBe(false);
});

test('a request without the header is answered, as HTTP/1.0 has none', () => {
  expect(allowed(undefined)).toBe(true);
});

test('with * any name is answered', () => {
  expect(allowedHost(['*'])('evil.example')).toBe(true);
});
