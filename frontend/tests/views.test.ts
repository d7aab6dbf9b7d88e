import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Ask, QueryRefused } from '../src/lib/cms.ts';
import { statusOf, viewAt } from '../src/lib/views.ts';
import { ArticlesQuery, TopicListsQuery } from '../src/queries/listings.ts';
import { PersonQuery } from '../src/queries/person.ts';
import { ResolveQuery } from '../src/queries/resolve.ts';
import { SiteQuery } from '../src/queries/site.ts';
import { TopicQuery } from '../src/queries/topic.ts';

type Variables = Record<string, unknown>;
const site = { name: 'Toolshelf' };

function answering(find: (document: unknown, variables: Variables) => unknown): Ask {
  return async (document, variables) => find(document, variables as Variables) as never;
}

const resolving = (resolve: unknown) => answering(() => ({ site, resolve }));
const at = (path: string) => new URL(path, 'http://front.test');

test('what stands at a path is shown by its type', async () => {
  const tool = { __typename: 'Tool', path: '/tools/django/' };
  const { view } = await viewAt(at('/tools/django/'), resolving(tool));
  assert.deepEqual(view, { kind: 'page', page: tool, lists: {} });
  assert.equal(statusOf(view), 200);
});

test('a page asked for by another spelling of its path sends there, for good', async () => {
  const { view } = await viewAt(at('/tools/django'), resolving({ __typename: 'Tool', path: '/tools/django/' }));
  assert.deepEqual(view, { kind: 'redirect', to: '/tools/django/', status: 301 });
});

test('a path in another script is asked for as written, and redirected to as browsers need it', async () => {
  const asked: unknown[] = [];
  const ask = answering((_document, variables) => {
    asked.push(variables.path);
    return { site, resolve: { __typename: 'Tool', path: '/tools/größe/' } };
  });
  assert.equal((await viewAt(at('/tools/gr%C3%B6%C3%9Fe/'), ask)).view.kind, 'page');
  assert.deepEqual((await viewAt(at('/tools/gr%C3%B6%C3%9Fe'), ask)).view, {
    kind: 'redirect',
    to: '/tools/gr%C3%B6%C3%9Fe/',
    status: 301,
  });
  assert.deepEqual(asked, ['/tools/größe/', '/tools/größe']);
});

test('redirects keep their kind', async () => {
  for (const [permanent, status] of [[true, 301], [false, 302]] as const) {
    const { view } = await viewAt(at('/old/'), resolving({ __typename: 'Redirect', to: 'https://example.org/', permanent }));
    assert.deepEqual(view, { kind: 'redirect', to: 'https://example.org/', status });
  }
});

test('a redirect to what a browser would run, or would read as another host, is not sent', async () => {
  for (const to of ['javascript:alert(1)', 'data:text/html,x', '//elsewhere.example/', '/\\elsewhere.example/', '']) {
    const { view } = await viewAt(at('/old/'), resolving({ __typename: 'Redirect', to, permanent: true }));
    assert.equal(view.kind, 'missing');
  }
});

test('what was there once is gone, what never was is missing', async () => {
  assert.equal(statusOf((await viewAt(at('/was/'), resolving({ __typename: 'Gone', path: '/was/' }))).view), 410);
  assert.equal(statusOf((await viewAt(at('/nope/'), resolving(null))).view), 404);
});

test('a topic stands at its slug, with a slash behind it', async () => {
  const topic = { id: 'topic:2', slug: 'queues' };
  const merged = { __typename: 'Redirect', to: '/topics/queues/', permanent: true };
  const ask = answering((document, variables) => {
    if (document === TopicListsQuery) return { of: variables.topic };
    if (document === ResolveQuery) return { site, resolve: variables.path === '/topics/jobs/' ? merged : null };
    assert.equal(document, TopicQuery);
    return { site, topic: variables.slug === 'queues' ? topic : null };
  });
  assert.deepEqual((await viewAt(at('/topics/queues/'), ask)).view, { kind: 'topic', topic, lists: { of: 'topic:2' } });
  assert.deepEqual((await viewAt(at('/topics/queues'), ask)).view, { kind: 'redirect', to: '/topics/queues/', status: 301 });
  assert.deepEqual((await viewAt(at('/topics/jobs/'), ask)).view, { kind: 'redirect', to: '/topics/queues/', status: 301 });
  assert.equal((await viewAt(at('/topics/nope'), ask)).view.kind, 'missing');
});

test('a person stands at their slug, with their own articles', async () => {
  const person = { id: 'person:3', slug: 'ada' };
  const ask = answering((document, variables) => {
    if (document === ArticlesQuery) return { articles: variables };
    if (document === ResolveQuery) return { site, resolve: null };
    assert.equal(document, PersonQuery);
    return { site, person: variables.slug === 'ada' ? person : null };
  });
  assert.deepEqual((await viewAt(at('/people/ada/?after=c1'), ask)).view, {
    kind: 'person',
    person,
    articles: { after: 'c1', filter: { author: 'person:3' } },
  });
  assert.equal((await viewAt(at('/people/nobody/'), ask)).view.kind, 'missing');
});

test('the cursor in the address is the one the list begins after', async () => {
  const index = { __typename: 'ArticleIndex', path: '/articles/' };
  const ask = answering((document, variables) =>
    document === ResolveQuery ? { site, resolve: index } : { articles: { after: variables.after } },
  );
  assert.deepEqual(await viewAt(at('/articles/?after=abc%3D'), ask), {
    site,
    view: { kind: 'page', page: index, lists: { articles: { after: 'abc=' } } },
    after: 'abc=',
  });
});

test('a mistyped cursor is a page that is not there', async () => {
  const ask = answering((document) => {
    if (document === ArticlesQuery) throw new QueryRefused('Invalid cursor', ['BAD_USER_INPUT']);
    return document === SiteQuery ? { site } : { site, resolve: { __typename: 'ArticleIndex', path: '/articles/' } };
  });
  assert.deepEqual(await viewAt(at('/articles/?after=zz'), ask), { site, view: { kind: 'missing' }, after: null });
});

test('a language in front of a path is asked for, and its topics stand below it', async () => {
  const german = { ...site, locales: ['en', 'de'] };
  const topic = { id: 'topic:2', slug: 'daten', locale: 'de' };
  const asked: Variables[] = [];
  const ask = answering((document, variables) => {
    asked.push(variables);
    if (document === TopicListsQuery) return {};
    return document === TopicQuery ? { site: german, topic } : { site: german, resolve: null };
  });
  assert.deepEqual((await viewAt(at('/de/topics/daten/'), ask)).view, { kind: 'topic', topic, lists: {}, prefix: '/de' });
  assert.deepEqual(asked, [{ slug: 'daten', locale: 'de' }, { topic: 'topic:2', after: null, locale: 'de' }]);
  assert.equal((await viewAt(at('/xx/topics/daten/'), ask)).view.kind, 'missing');
  assert.equal((await viewAt(at('/en/topics/daten/'), ask)).view.kind, 'missing', 'its own language has no mark');
  assert.equal((await viewAt(at('/deep/down/topics/daten/'), ask)).view.kind, 'missing');
});

test('the lists of a page are in the language of the page', async () => {
  const index = { __typename: 'ArticleIndex', path: '/de/artikel/', locale: 'de' };
  const ask = answering((document, variables) =>
    document === ResolveQuery ? { site, resolve: index } : { articles: { locale: variables.locale } },
  );
  const { view } = await viewAt(at('/de/artikel/'), ask);
  assert.deepEqual(view, { kind: 'page', page: index, lists: { articles: { locale: 'de' } } });
});
