import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Keeping } from '../src/lib/keeping.ts';

const NOT_KEPT = { 'Cache-Control': 'public, max-age=0, must-revalidate' };

/** As the API says it. */
function said(seconds: number, tags = '', { stale = 30, header = 'xkey', age = '' } = {}): Headers {
  const control = `public, max-age=0, s-maxage=${seconds}${stale ? `, stale-while-revalidate=${stale}` : ''}`;
  return new Headers({ 'Cache-Control': control, ...(tags && { [header]: tags }), ...(age && { Age: age }) });
}

/** The headers of a page that is made of these answers. */
function page(tagHeader: string | undefined, ...answers: Headers[]): Record<string, string> {
  const keeping = new Keeping(tagHeader);
  for (const each of answers) keeping.note(each);
  return keeping.headers();
}

test('a page is kept as long as the shortest of its answers, under the tags of all', () => {
  assert.deepEqual(page('xkey', said(600, 'all page-1'), said(300, 'all page-2', { stale: 10 }), said(900, 'all')), {
    'Cache-Control':
      'public, max-age=0, must-revalidate, s-maxage=300, stale-while-revalidate=10, stale-if-error=86400',
    xkey: 'all page-1 page-2',
  });
});

test('the separator is that of the header', () => {
  const answers = [said(60, 'all,page-1', { header: 'Cache-Tag' }), said(60, 'all, page-2', { header: 'Cache-Tag' })];
  assert.equal(page('Cache-Tag', ...answers)['Cache-Tag'], 'all,page-1,page-2');
  assert.equal(page('Surrogate-Key', said(60, 'b a', { header: 'surrogate-key' }))['Surrogate-Key'], 'a b');
});

test('one answer that is not to be kept makes a page that is not', () => {
  for (const control of ['no-cache', 'private, no-store', '', 'private, s-maxage=60', 'max-age=60']) {
    const answer = new Headers({ 'Cache-Control': control, xkey: 'all' });
    assert.deepEqual(page('xkey', said(600, 'all'), answer, said(600, 'all')), NOT_KEPT);
  }
});

test('a page without answers is not kept', () => {
  assert.deepEqual(page('xkey'), NOT_KEPT);
  assert.deepEqual(page(undefined), NOT_KEPT);
});

test('a page that says how long ago is not kept for more than a day', () => {
  assert.match(page('xkey', said(1_000_000, 'all'))['Cache-Control'] ?? '', / s-maxage=86400,/);
});

test('a page without tags is kept for a minute at most, and tells none', () => {
  const kept = page(undefined, said(86_400, 'all page-1'));
  assert.match(kept['Cache-Control'] ?? '', / s-maxage=60,/);
  assert.deepEqual(Object.keys(kept), ['Cache-Control']);
  assert.match(page(undefined, said(20))['Cache-Control'] ?? '', / s-maxage=20,/);
});

test('an answer without tags makes a page that no purge would reach: it is not kept', () => {
  assert.deepEqual(page('xkey', said(600, 'all page-1'), said(600)), NOT_KEPT);
  assert.deepEqual(page('xkey', said(600), said(600, 'all page-1')), NOT_KEPT);
});

test('the time that an answer has spent in a cache before is over', () => {
  assert.match(page('xkey', said(600, 'all', { age: '500' }))['Cache-Control'] ?? '', / s-maxage=100,/);
  assert.deepEqual(page('xkey', said(600, 'all', { age: '600' })), NOT_KEPT);
  assert.deepEqual(page('xkey', said(600, 'all', { age: 'long' })), NOT_KEPT);
});

test('what expires when its time is over is not shown afterwards', () => {
  const control = page('xkey', said(600, 'all'), said(5, 'all', { stale: 0 }))['Cache-Control'];
  assert.equal(control, 'public, max-age=0, must-revalidate, s-maxage=5');
});

test('a page that took so long that it may have missed a purge is not kept', (context) => {
  let now = 1_000;
  context.mock.method(performance, 'now', () => now);
  const keeping = new Keeping('xkey');
  keeping.note(said(600, 'all'));
  now += 8_000;
  assert.match(keeping.headers()['Cache-Control'] ?? '', /s-maxage/);
  now += 1;
  assert.deepEqual(keeping.headers(), NOT_KEPT);
});

function many(kind: string, count: number): string {
  return Array.from({ length: count }, (_, number) => `${kind}-${number + 1000}`).join(' ');
}

test('tags that are too many for a header become one for the longest kind, as in the API', () => {
  const kept = page('xkey', said(60, `all ${many('page', 500)}`), said(60, `all ${many('to-page', 400)} list-Tool`));
  assert.equal(kept.xkey, `all list-Tool ${many('page', 500)} to-page-any`);
  const fewer = page('xkey', said(60, `all search ${many('page', 900)} ${many('to-page', 400)}`));
  assert.equal(fewer.xkey, ['all', 'page-any', 'search', ...many('to-page', 400).split(' ')].join(' '));
});

test('what the API has made one is one in the page', () => {
  assert.equal(page('xkey', said(60, 'all page-any to-page-1'), said(60, 'all page-7'))['xkey'], 'all page-any to-page-1');
});

test('tags that do not fit in any way make a page that is not kept', () => {
  const numbers = Array.from({ length: 1_000 }, (_, number) => number);
  assert.deepEqual(page('xkey', said(60, numbers.map((number) => `kind${number}-1`).join(' '))), NOT_KEPT);
  assert.deepEqual(page('xkey', said(60, numbers.map((number) => `word${number}word`).join(' '))), NOT_KEPT);
});
