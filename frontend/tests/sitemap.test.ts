import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Ask, CmsUnavailable } from '../src/lib/cms.ts';
import { sitemap, sitemapPart } from '../src/lib/sitemap.ts';
import * as queries from '../src/queries/sitemap.ts';

type Variables = { after?: string | null; locale?: string; every: number };
const HERE = 'https://front.test';

function page(path: string, seo: Record<string, unknown> = {}) {
  const usual = { noindex: false, canonicalUrl: `${HERE}${path}`, alternates: [] };
  return { path, updatedAt: '2026-11-20T10:00:00+00:00', seo: { ...usual, ...seo } };
}

/** A CMS that gives two pages at a time; the cursor of a page is its place in the list. */
function cms(pages: Record<string, ReturnType<typeof page>[]>, asked: unknown[] = []): Ask {
  const list = (nodes: unknown[], after: string | null | undefined) => {
    const begin = Number(after ?? 0);
    const end = Math.min(begin + 2, nodes.length);
    return { nodes: nodes.slice(begin, end), pageInfo: { hasNextPage: end < nodes.length, endCursor: String(end) } };
  };
  const topics = [page('/topics/data/')];
  const people = [page('/people/ada/')];
  return (async (document: unknown, { after, locale = 'en', every }: Variables) => {
    asked.push(document);
    const own = pages[locale] ?? [];
    switch (document) {
      case queries.SitemapSiteQuery:
        return { site: { url: HERE, locales: Object.keys(pages) } };
      case queries.SitemapSizeQuery:
        return {
          pages: { totalCount: own.length },
          topics: { totalCount: locale === 'en' ? topics.length : 0 },
          people: { totalCount: people.length },
        };
      case queries.SitemapPartsQuery:
        return { pageCursors: [...own.keys()].filter((place) => place && place % every === 0).map(String) };
      case queries.SitemapTopicsQuery:
        return { topics: list(locale === 'en' ? topics : [], after) };
      case queries.SitemapPeopleQuery:
        return { people: list(people, after) };
      default:
        return { pages: list(own, after) };
    }
  }) as Ask;
}

async function written(pieces: AsyncIterable<string> | null): Promise<string> {
  let text = '';
  for await (const piece of pieces ?? []) text += piece;
  return text;
}

const paths = (text: string) => [...text.matchAll(/<loc>https:\/\/front\.test([^<]*)<\/loc>/g)].map(([, path]) => path);
const many = {
  en: ['/', '/a/', '/b/', '/c/', '/d/'].map((path) => page(path)),
  de: ['/de/', '/de/a/'].map((path) => page(path)),
};

test('a site that fits into one file is one file, in all its languages', async () => {
  const text = await written(await sitemap(cms(many), 9));
  assert.match(text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<urlset /);
  assert.deepEqual(paths(text), ['/', '/a/', '/b/', '/c/', '/d/', '/de/', '/de/a/', '/topics/data/', '/people/ada/']);
  assert.equal(await sitemapPart(1, cms(many), 9), null);
});

test('one address more makes an index, whose parts hold every address once and none more than fit', async () => {
  const text = await written(await sitemap(cms(many), 3));
  assert.match(text, /<sitemapindex /);
  assert.deepEqual(paths(text), ['/sitemap-1.xml', '/sitemap-2.xml', '/sitemap-3.xml', '/sitemap-4.xml']);
  const parts = [];
  for (const number of [1, 2, 3, 4]) parts.push(paths(await written(await sitemapPart(number, cms(many), 3))));
  assert.deepEqual(parts, [['/', '/a/', '/b/'], ['/c/', '/d/'], ['/de/', '/de/a/'], ['/topics/data/', '/people/ada/']]);
  assert.equal(await sitemapPart(5, cms(many), 3), null);
  assert.match(await written(await sitemap(cms(many), 8)), /<sitemapindex /);
});

test('a part is begun at its cursor and asked no further than it goes', async () => {
  const asked: unknown[] = [];
  await written(await sitemapPart(1, cms({ en: many.en }, asked), 2));
  assert.equal(asked.filter((document) => document === queries.SitemapPagesQuery).length, 1);
});

test('a page that search engines should not find, or know elsewhere, is left out', async () => {
  const elsewhere = page('/c/', { canonicalUrl: 'https://elsewhere.test/c/' });
  const pages = [page('/a/'), page('/b/', { noindex: true }), elsewhere];
  const text = await written(await sitemap(cms({ en: pages })));
  assert.deepEqual(paths(text), ['/a/', '/topics/data/', '/people/ada/']);
});

test('an entry tells its change and its languages, escaped and encoded', async () => {
  const alternates = [{ hreflang: 'de', url: `${HERE}/de/größe&'x/` }];
  const text = await written(await sitemap(cms({ en: [page('/größe/', { alternates })] })));
  assert.ok(
    text.includes(
      `<url><loc>${HERE}/gr%C3%B6%C3%9Fe/</loc><lastmod>2026-11-20T10:00:00+00:00</lastmod>` +
        `<xhtml:link rel="alternate" hreflang="de" href="${HERE}/de/gr%C3%B6%C3%9Fe&amp;&apos;x/"/></url>`,
    ),
    text,
  );
});

test('a CMS that does not answer is noticed before anything is sent', async () => {
  const ask = cms(many);
  const failing = (async (document: unknown, variables: Variables) => {
    if (document === queries.SitemapPagesQuery) throw new CmsUnavailable('away');
    return ask(document as never, variables as never);
  }) as Ask;
  await assert.rejects(sitemap(failing), CmsUnavailable);
});
