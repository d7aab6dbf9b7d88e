import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Ask } from '../src/lib/cms.ts';
import { feedOf } from '../src/lib/feeds.ts';

const site = { name: 'Shelf', url: 'https://front.test', publisher: null, locale: 'en', locales: ['en', 'de'] };
const resolving = (resolve: unknown) => (async () => ({ site, resolve, articles: { nodes: [] } })) as unknown as Ask;

function fact(id: string | null, verifiedOn: string | null, display = 'MIT', qualifier: string | null = null) {
  const sources = [{ title: 'LICENSE', url: 'https://example.org/LICENSE' }];
  return { id, state: 'YES', display, qualifier, note: null, verifiedOn, attribute: { label: 'Licence' }, sources };
}

function tool(...facts: unknown[]) {
  return { __typename: 'Tool', id: 'page:2', path: '/tools/x/', locale: 'en', name: 'X', facts };
}

async function entriesOf(resolve: unknown) {
  const found = await feedOf('/tools/x/', resolving(resolve));
  assert.ok('content' in found);
  return found.content.entries;
}

test('of a tool every verified fact is an entry, the newest check first', async () => {
  const facts = [fact('fact:1', '2026-01-01'), fact('fact:2', '2026-02-01'), fact('fact:3', null), fact(null, null)];
  const entries = await entriesOf(tool(...facts));
  assert.deepEqual(entries.map(({ updated }) => updated), ['2026-02-01', '2026-01-01']);
  assert.equal(entries[0]?.title, 'Licence: MIT');
  assert.equal(entries[0]?.summary, 'Checked on 2026-02-01. Sources: LICENSE (https://example.org/LICENSE).');
});

test('a fact that is checked again is the same entry, and another answer is a new one', async () => {
  const [one] = await entriesOf(tool(fact('fact:1', '2026-01-01')));
  const [again] = await entriesOf(tool(fact('fact:1', '2026-02-01')));
  const [changed] = await entriesOf(tool(fact('fact:1', '2026-02-01', 'GPL')));
  const [narrowed] = await entriesOf(tool(fact('fact:1', '2026-02-01', 'MIT', 'Cloud')));
  assert.equal(one?.id, again?.id);
  assert.equal(new Set([one?.id, changed?.id, narrowed?.id]).size, 3);
});

test('a comparison tells whose fact it is, and its corrections', async () => {
  const [x, y] = [fact('fact:1', '2026-01-01'), fact(null, null)];
  const entries = await entriesOf({
    __typename: 'Comparison',
    id: 'page:3',
    path: '/comparisons/x/',
    locale: 'en',
    title: 'X or Y',
    corrections: [{ on: '2026-03-01', text: 'X is free.' }],
    matrix: [{ cells: [{ tool: { name: 'X' }, fact: x }, { tool: { name: 'Y' }, fact: y }] }],
  });
  assert.deepEqual(entries.map(({ title }) => title), ['Correction', 'X: Licence: MIT']);
});

test('the feed of a page that has moved is where the page is; what is gone, or another page, has none', async () => {
  const status = async (resolve: unknown) => feedOf('/tools/x/', resolving(resolve));
  const moved = { __typename: 'Redirect', to: '/tools/y/', permanent: true };
  assert.deepEqual(await status(moved), { status: 301, to: '/tools/y/feed.xml' });
  for (const to of ['https://elsewhere.test/', '//elsewhere.test/', '/search?q=x', '/\\elsewhere.test/']) {
    assert.deepEqual(await status({ ...moved, to }), { status: 404 });
  }
  assert.deepEqual(await status({ __typename: 'Gone' }), { status: 410 });
  assert.deepEqual(await status({ __typename: 'Article' }), { status: 404 });
  assert.deepEqual(await status(null), { status: 404 });
});

test('each language has a feed of its articles, and what is none has none', async () => {
  const german = await feedOf('/de/', resolving(null));
  assert.ok('content' in german);
  assert.equal(german.content.self, 'https://front.test/de/feed.xml');
  assert.deepEqual(await feedOf('/fr/', resolving(null)), { status: 404 });
});
