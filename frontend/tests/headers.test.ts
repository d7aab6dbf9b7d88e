import assert from 'node:assert/strict';
import { test } from 'node:test';

import { etag, isKnown, previewHeaders, securityHeaders } from '../src/lib/headers.ts';

const origins = {
  ownOrigins: ['https://shelf.test'],
  adminOrigins: ['https://admin.test', 'https://admin2.test'],
  mediaOrigins: ['https://media.test'],
};

function directives(policy = ''): Record<string, string> {
  return Object.fromEntries(policy.split('; ').map((one) => [one.split(' ')[0], one.slice(one.indexOf(' ') + 1)]));
}

test('pages allow no script at all and no inline style', () => {
  const policy = directives(securityHeaders(origins)['Content-Security-Policy']);
  assert.equal(policy['default-src'], "'none'");
  assert.equal(policy['connect-src'], "'self'");
  assert.equal(policy['script-src'], undefined);
  assert.equal(policy['style-src'], "'self'");
  assert.equal(policy['img-src'], "'self' https://admin.test https://admin2.test https://media.test");
  assert.equal(policy['frame-ancestors'], "'none'");
});

test("pages for readers take nothing from an admin but images", () => {
  const { 'img-src': _, ...others } = directives(securityHeaders(origins)['Content-Security-Policy']);
  assert.doesNotMatch(JSON.stringify(others), /admin/);
});

test('the preview may be framed by the named admins only, and allows no inline script', () => {
  const policy = directives(previewHeaders(origins)['Content-Security-Policy']);
  assert.equal(policy['frame-ancestors'], 'https://admin.test https://admin2.test');
  assert.equal(policy['form-action'], "'self'");
});

test("the preview takes scripts from the admins' own files only, styles, fonts and icons from the admins", () => {
  const policy = directives(previewHeaders(origins)['Content-Security-Policy']);
  assert.equal(policy['script-src'], "'self' https://admin.test/static/ https://admin2.test/static/");
  assert.equal(policy['style-src'], "'self' https://admin.test https://admin2.test");
  assert.equal(policy['font-src'], "'self' https://admin.test https://admin2.test");
  assert.equal(policy['img-src'], "'self' https://admin.test https://admin2.test https://media.test");
});

test('the preview is never stored, never indexed, and names no address to other sites', () => {
  const headers = previewHeaders(origins);
  assert.equal(headers['Cache-Control'], 'private, no-store');
  assert.equal(headers['X-Robots-Tag'], 'noindex');
  assert.equal(headers['Referrer-Policy'], 'same-origin');
  assert.equal(headers['X-Frame-Options'], undefined);
});

test('browsers are told to keep to https where the site has it, and nowhere else', () => {
  const plain = { ...origins, ownOrigins: ['http://127.0.0.1:4321', 'http://localhost:4321'] };
  for (const headers of [securityHeaders, previewHeaders]) {
    assert.equal(headers(origins)['Strict-Transport-Security'], 'max-age=31536000');
    assert.equal(headers(plain)['Strict-Transport-Security'], undefined);
  }
});

test('pages lend neither themselves nor what the browser can do to other sites', () => {
  for (const headers of [securityHeaders(origins), previewHeaders(origins)]) {
    assert.match(headers['Permissions-Policy'] ?? '', /camera=\(\), .*geolocation=\(\)/);
    assert.doesNotMatch(headers['Permissions-Policy'] ?? '', /self|\*/);
    assert.equal(headers['X-Content-Type-Options'], 'nosniff');
  }
  const headers = securityHeaders(origins);
  assert.equal(headers['Referrer-Policy'], 'strict-origin-when-cross-origin');
  assert.equal(headers['Cross-Origin-Opener-Policy'], 'same-origin');
  assert.equal(headers['Cross-Origin-Resource-Policy'], 'same-origin');
});

test('no policy outside development says unsafe', () => {
  for (const headers of [securityHeaders(origins), previewHeaders(origins)]) {
    assert.doesNotMatch(JSON.stringify(headers), /unsafe|data:|\*/);
  }
});

test('equal pages have equal tags, others do not', () => {
  assert.equal(etag('<p>a</p>'), etag('<p>a</p>'));
  assert.notEqual(etag('<p>a</p>'), etag('<p>b</p>'));
  assert.match(etag(''), /^W\/"[\w-]{22}"$/);
});

test('a tag is known in any list and spelling a browser or proxy may send', () => {
  const tag = etag('page');
  assert.ok(isKnown(tag, tag));
  assert.ok(isKnown(`"other", ${tag.slice(2)}`, tag));
  assert.ok(isKnown('*', tag));
  assert.ok(!isKnown('"other"', tag));
  assert.ok(!isKnown(null, tag));
});
