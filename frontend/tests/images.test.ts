import assert from 'node:assert/strict';
import { test } from 'node:test';

import { imageSrcset, imageUrl } from '../src/lib/images.ts';

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
