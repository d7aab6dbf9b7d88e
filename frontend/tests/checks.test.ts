import assert from 'node:assert/strict';
import { test } from 'node:test';

import { marks } from '../src/lib/checks.ts';

test('a preview marks what is true of an element', () => {
  assert.deepEqual(marks({ isPreview: true }, { 'no-source': true, stale: true, 'no-alt': false }), { 'data-check': 'no-source stale' });
});

test('a preview marks nothing where there is nothing to find', () => {
  assert.deepEqual(marks({ isPreview: true }, { 'no-alt': false }), {});
});

test('pages for readers carry no mark', () => {
  assert.deepEqual(marks({}, { 'no-source': true }), {});
});
