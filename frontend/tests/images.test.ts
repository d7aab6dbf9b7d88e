import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { focusOf, imageSrcset, imageUrl } from '../src/lib/images.ts';

const CMS = 'https://cms.test';

test('a path gets the origin of the CMS, a whole address stays', () => {
  assert.equal(imageUrl('/media/a.webp', CMS), 'https://cms.test/media/a.webp');
  assert.equal(imageUrl('https://media.test/a.webp', CMS), 'https://media.test/a.webp');
});

test('every candidate of a srcset is completed and keeps its width', () => {
  assert.equal(
    imageSrcset('/media/a.webp 400w, https://media.test/b.webp 800w', '/media/a.png', CMS),
    'https://cms.test/media/a.webp 400w, https://media.test/b.webp 800w',
  );
  assert.equal(imageSrcset('', '/media/a.png', CMS), '');
});

test('the original alone is not offered as if it were of another format', () => {
  assert.equal(imageSrcset('/media/a.png 1600w', '/media/a.png', CMS), '');
});

test('what must stay in sight is told by classes that the style sheet knows', () => {
  assert.equal(focusOf(null), undefined);
  assert.equal(focusOf({ x: 0, y: 1 }), 'focus-x-0 focus-y-10');
  const css = readFileSync(new URL('../src/styles/focus.css', import.meta.url), 'utf8');
  for (let tenth = 0; tenth <= 10; tenth++) {
    const classes = focusOf({ x: tenth / 10, y: tenth / 10 })?.split(' ') ?? [];
    assert.equal(classes.length, 2);
    for (const each of classes) assert.match(css, new RegExp(`\\.${each} \\{ --${each.slice(0, 7)}: ${tenth * 10}%; \\}`));
  }
});
