import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type FactState, factText, freshness, grouped, versions } from '../src/lib/facts.ts';

test('every state has its own words', () => {
  const states: FactState[] = ['YES', 'PARTIAL', 'NO', 'UNKNOWN', 'NOT_APPLICABLE'];
  const words = states.map((state) => factText(state, '').word);
  assert.deepEqual(words, ['Yes', 'Partial', 'No', 'Unknown', 'Not applicable']);
});

test('a display that only repeats the state is not said twice', () => {
  assert.deepEqual(factText('YES', 'Yes'), { word: 'Yes', value: null });
  assert.deepEqual(factText('UNKNOWN', ' Unknown '), { word: 'Unknown', value: null });
  assert.deepEqual(factText('NOT_APPLICABLE', 'Not applicable').value, null);
});

test('a plain value stands alone: it is neither a yes nor a no', () => {
  assert.deepEqual(factText('YES', 'BSD-3-Clause'), { word: null, value: 'BSD-3-Clause' });
});

test('a value that is a day is told as one', () => {
  assert.equal(factText('YES', '2005-07-21').value, '21 July 2005');
  assert.equal(factText('YES', '2005-07').value, '2005-07');
});

test('beside a value, partial and no are still seen', () => {
  assert.deepEqual(factText('PARTIAL', 'since 3.1'), { word: 'Partial', value: 'since 3.1' });
  assert.deepEqual(factText('NO', 'planned'), { word: 'No', value: 'planned' });
});

test('a fact is stale from the named day on, and says so in words', () => {
  const on = (day: string) => freshness('2026-05-01', '2026-11-01', new Date(`${day}T12:00:00Z`));
  assert.deepEqual(on('2026-10-31'), { isStale: false, text: 'Checked 1 May 2026' });
  assert.deepEqual(on('2026-11-01'), { isStale: true, text: 'Last checked 6 months ago, on 1 May 2026' });
});

test('a fact without a term never goes stale, one never checked says nothing', () => {
  assert.equal(freshness('2020-01-01', null)?.isStale, false);
  assert.equal(freshness(null, null), null);
});

test('groups keep the order of their first rows and take in late ones', () => {
  const rows = ['a:1', 'b:2', 'a:3', ':4'];
  assert.deepEqual(
    grouped(rows, (row) => row.split(':')[0] ?? null),
    [
      { name: 'a', items: ['a:1', 'a:3'] },
      { name: 'b', items: ['b:2'] },
      { name: null, items: [':4'] },
    ],
  );
});

test('versions are said in words, and nothing where it always held', () => {
  assert.equal(versions('3.1', null), 'Since version 3.1');
  assert.equal(versions(null, '2.4'), 'Until version 2.4');
  assert.equal(versions('2.0', '2.4'), 'From version 2.0 to 2.4');
  assert.equal(versions(null, null), null);
});
