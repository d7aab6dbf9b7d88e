import assert from 'node:assert/strict';
import { test } from 'node:test';

import { highlighted } from '../src/lib/code.ts';

test('listings are coloured by classes, never by inline styles', () => {
  const html = highlighted('def answer() -> int:\n    return 42', 'python');
  assert.match(html, /<span class="hljs-keyword">def<\/span>/);
  assert.doesNotMatch(html, /style=/);
});

test('code is text, in a known language and in an unknown one', () => {
  for (const language of ['html', 'python', 'no-such-language', '']) {
    assert.doesNotMatch(highlighted('<script>alert(1)</script>', language), /<script/);
  }
});
