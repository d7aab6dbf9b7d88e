import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Ask, QueryRefused } from '../src/lib/cms.ts';
import { statusOf, viewAt } from '../src/lib/views.ts';
import { SearchQuery, WhereToBeginQuery } from '../src/queries/search.ts';
import { SiteQuery } from '../src/queries/site.ts';

const site = { name: 'Toolshelf', locales: ['en', 'de'], locale: 'en' };
const at = (path: string) => new URL(path, 'http://front.test');

function api(nodes: unknown[], asked: unknown[] = []): Ask {
  return async (document, variables) => {
    if ((document as unknown) === WhereToBeginQuery) return { site, topics: { nodes: [] }, articles: { nodes: [] } } as never;
    assert.equal(document, SearchQuery);
    asked.push(variables);
    return { site, search: { nodes } } as never;
  };
}

test('words, kind, topic and page of the list are in the address', async () => {
  const asked: unknown[] = [];
  const { view, after } = await viewAt(at('/search?q=+queue+&type=Tool&topic=topic:3&after=abc'), api([{}], asked));
  assert.deepEqual(asked, [{ query: 'queue', types: ['Tool'], topic: 'topic:3', after: 'abc' }]);
  assert.equal(view.kind === 'search' && view.begin, null);
  assert.equal(after, 'abc');
});

test('without words nothing is asked, and without results there is where to begin', async () => {
  const asked: unknown[] = [];
  const nothing = (await viewAt(at('/search'), api([], asked))).view;
  assert.ok(nothing.kind === 'search' && nothing.begin && nothing.results === null);
  assert.deepEqual(asked, []);
  const vain = (await viewAt(at('/search?q=zeppelin'), api([], asked))).view;
  assert.ok(vain.kind === 'search' && vain.begin && vain.results);
});

test('a language in front is searched, one that the site has not is missing', async () => {
  const asked: { locale?: string }[] = [];
  assert.equal((await viewAt(at('/de/search?q=x'), api([{}], asked))).view.kind, 'search');
  assert.equal(asked[0]?.locale, 'de');
  assert.equal(statusOf((await viewAt(at('/fr/search?q=x'), api([{}]))).view), 404);
});

test('more words than the API takes are cut, and a kind that is none is a page that is not there', async () => {
  const asked: { query: string }[] = [];
  await viewAt(at(`/search?q=${'x'.repeat(300)}`), api([{}], asked));
  assert.equal(asked[0]?.query.length, 200);
  const refusing: Ask = async (document) => {
    if ((document as unknown) === SiteQuery) return { site } as never;
    throw new QueryRefused('`types` takes names of page types only.', ['BAD_USER_INPUT']);
  };
  assert.equal(statusOf((await viewAt(at('/search?q=x&type=Secret'), refusing)).view), 404);
});
