import assert from 'node:assert/strict';
import { test } from 'node:test';

import { robots } from '../src/lib/robots.ts';

test('everything may be read but drafts and searches', () => {
  const text = robots('https://front.test');
  const closed = [...text.matchAll(/^Disallow: (.*)$/gm)].map(([, rule = '']) => {
    return new RegExp(`^${rule.replaceAll('?', '\\?').replaceAll('*', '.*')}`);
  });
  const isClosed = (path: string) => closed.some((rule) => rule.test(path));
  for (const path of ['/preview', '/search', '/search?q=x', '/de/search?q=x', '/de/search']) {
    assert.ok(isClosed(path), path);
  }
  for (const path of ['/', '/search-engines/', '/articles/search/', '/tools/?q=x', '/feed.xml']) {
    assert.ok(!isClosed(path), path);
  }
  assert.match(text, /^User-agent: \*\n/);
  assert.match(text, /\nSitemap: https:\/\/front\.test\/sitemap\.xml\n$/);
});
