import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Filters, chosenIn, filterOf, isAny, queryOf } from '../src/lib/directory.ts';

const filters: Filters = {
  categories: { nodes: [{ id: 'category:3', name: 'Web frameworks', slug: 'web', parent: null }] },
  toolFacets: [
    { attribute: { key: 'licence', label: 'Licence' }, answers: [{ display: 'MIT', count: 2 }] },
    { attribute: { key: 'typed', label: 'Typed' }, answers: [{ display: 'Yes', count: 1 }] },
  ],
};
const chosen = (query: string) => chosenIn(new URLSearchParams(query), filters);

test('the address says what is chosen, and is made from it again', () => {
  const query = 'category=web&lifecycle=end-of-life&fact-licence=MIT&fact-typed=Yes';
  assert.deepEqual(filterOf(chosen(query), filters), {
    category: 'category:3',
    lifecycle: 'END_OF_LIFE',
    facts: [
      { attribute: 'licence', display: 'MIT' },
      { attribute: 'typed', display: 'Yes' },
    ],
  });
  assert.equal(queryOf(chosen(query)).toString(), query);
});

test('what is empty, unknown or not offered is not chosen', () => {
  for (const query of ['', 'category=&lifecycle=&fact-licence=+', 'lifecycle=constructor', 'fact-secret=x&after=y']) {
    assert.equal(isAny(chosen(query)), false);
    assert.deepEqual(filterOf(chosen(query), filters), {});
  }
});

test('a category that is not there finds nothing, rather than everything', () => {
  assert.equal(filterOf(chosen('category=nope'), filters), null);
});
