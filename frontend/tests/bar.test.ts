import assert from 'node:assert/strict';
import { test } from 'node:test';

import { barWords } from '../src/lib/bar.ts';

test('the bar speaks the language of what is shown', () => {
  assert.equal(barWords('de').label, 'Vorschau');
  assert.equal(barWords('de-AT').language, 'de');
  assert.equal(barWords('en').label, 'Preview');
});

test('where it does not speak that language, it says in which one it speaks', () => {
  assert.deepEqual(barWords('fr'), barWords('en'));
  assert.equal(barWords('fr').language, 'en');
});
