import assert from 'node:assert/strict';
import { test } from 'node:test';

import { highlighted, listing } from '../src/lib/code.ts';

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

test('marked lines are whole lines, also inside a text of several lines', () => {
  const html = listing('x = 1\ny = """a\nb"""\n', 'python', [3]);
  const [, marked] = /<mark>([\s\S]*)<\/mark>/.exec(html) ?? [];
  assert.equal(marked, '<span class="hljs-string">b&quot;&quot;&quot;</span>\n');
  assert.equal(html.replace(/<[^>]+>/g, ''), 'x = 1\ny = &quot;&quot;&quot;a\nb&quot;&quot;&quot;\n');
  assert.equal(listing('x', 'python', []), highlighted('x', 'python'));
});
