// The sitemap (sitemaps.org): one file, or an index of parts where a site has more addresses than a file may hold.
// Written while it is read from the API, so that it takes no more memory however long it is.
import {
  SitemapPagesQuery,
  SitemapPartsQuery,
  SitemapPeopleQuery,
  SitemapSiteQuery,
  SitemapSizeQuery,
  SitemapTopicsQuery,
} from '../queries/sitemap.ts';
import type { Ask } from './cms.ts';
import { escaped } from './xml.ts';

/** So many addresses the protocol allows in one file. */
export const MOST_ADDRESSES = 50_000;

/** Long enough for a crawler that reads an index and then its parts. */
const HEADERS = { 'Content-Type': 'application/xml; charset=utf-8', 'Cache-Control': 'public, max-age=600' };

export function sitemapAnswer(pieces: AsyncIterable<string>): Response {
  const [encoder, iterator] = [new TextEncoder(), pieces[Symbol.asyncIterator]()];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(stream) {
      const { done, value } = await iterator.next();
      if (done) stream.close();
      else stream.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: HEADERS });
}

/** Some pages of one language in the order of their paths, or every topic and person of the site. */
type Part = { kind: 'pages'; locale: string; after: string | null } | { kind: 'subjects' };

interface Place {
  url: string;
  locales: string[];
}

interface Address {
  path: string;
  updatedAt?: string;
  seo: { canonicalUrl: string; noindex?: boolean; alternates?: { hreflang: string; url: string }[] };
}

interface List {
  nodes: Address[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const SITEMAPS = 'http://www.sitemaps.org/schemas/sitemap/0.9';

/** `/sitemap.xml` in pieces. Rejects if the CMS cannot be asked; later pieces may, too. */
export async function sitemap(ask: Ask, most = MOST_ADDRESSES): Promise<AsyncIterable<string>> {
  const { site } = await ask(SitemapSiteQuery, {});
  if ((await size(site, ask)) <= most) {
    const everything: Part[] = [...site.locales.map(wholeLanguage), { kind: 'subjects' }];
    return begun(urlset(everything, site, ask, most));
  }
  const parts = await partsOf(site, ask, most);
  return begun(index(site, parts.length));
}

/** `/sitemap-1.xml` and so on in pieces; null for a part that is not there. */
export async function sitemapPart(
  number: number,
  ask: Ask,
  most = MOST_ADDRESSES,
): Promise<AsyncIterable<string> | null> {
  const { site } = await ask(SitemapSiteQuery, {});
  if ((await size(site, ask)) <= most) return null;
  const part = (await partsOf(site, ask, most))[number - 1];
  return part ? begun(urlset([part], site, ask, most)) : null;
}

/** Reads the first piece, so that a CMS that does not answer is noticed before anything is sent. */
async function begun(pieces: AsyncGenerator<string>): Promise<AsyncIterable<string>> {
  const first = await pieces.next();
  return (async function* () {
    if (!first.done) yield first.value;
    yield* pieces;
  })();
}

function wholeLanguage(locale: string): Part {
  return { kind: 'pages', locale, after: null };
}

async function size({ locales }: Place, ask: Ask): Promise<number> {
  let addresses = 0;
  for (const [place, locale] of locales.entries()) {
    const { pages, topics, people } = await ask(SitemapSizeQuery, { locale });
    addresses += pages.totalCount + topics.totalCount + (place === 0 ? people.totalCount : 0);
  }
  return addresses;
}

async function partsOf({ locales }: Place, ask: Ask, every: number): Promise<Part[]> {
  const parts: Part[] = [];
  for (const locale of locales) {
    const { pageCursors } = await ask(SitemapPartsQuery, { every, locale });
    parts.push(wholeLanguage(locale), ...pageCursors.map((after): Part => ({ kind: 'pages', locale, after })));
  }
  return [...parts, { kind: 'subjects' }];
}

async function* index({ url }: Place, parts: number): AsyncGenerator<string> {
  yield `${HEAD}<sitemapindex xmlns="${SITEMAPS}">\n`;
  for (let number = 1; number <= parts; number += 1) {
    yield `<sitemap><loc>${located(`${url}/sitemap-${number}.xml`)}</loc></sitemap>\n`;
  }
  yield '</sitemapindex>\n';
}

async function* urlset(parts: readonly Part[], site: Place, ask: Ask, most: number): AsyncGenerator<string> {
  let head = `${HEAD}<urlset xmlns="${SITEMAPS}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n`;
  for (const part of parts) {
    for await (const addresses of listed(part, site, ask, most)) {
      // Nothing is sent before the first answer is there.
      yield head + addresses.filter((each) => isKnownHere(each, site)).map((each) => entry(each, site)).join('');
      head = '';
    }
  }
  yield `${head}</urlset>\n`;
}

/** The addresses of a part, a hundred at a time, `most` in all. */
async function* listed(part: Part, { locales }: Place, ask: Ask, most: number): AsyncGenerator<Address[]> {
  if (part.kind === 'subjects') {
    for (const locale of locales) {
      yield* lists(async (after) => (await ask(SitemapTopicsQuery, { after, locale })).topics);
    }
    // People are the same in every language.
    yield* lists(async (after) => (await ask(SitemapPeopleQuery, { after })).people);
    return;
  }
  let left = most;
  const { locale, after: begin } = part;
  const pages = lists(async (after) => (await ask(SitemapPagesQuery, { after, locale })).pages, begin);
  for await (const addresses of pages) {
    yield addresses.slice(0, left);
    left -= addresses.length;
    if (left <= 0) return;
  }
}

async function* lists(
  list: (after: string | null) => Promise<List>,
  begin: string | null = null,
): AsyncGenerator<Address[]> {
  for (let after = begin; ; ) {
    const { nodes, pageInfo } = await list(after);
    yield nodes;
    if (!pageInfo.hasNextPage) return;
    after = pageInfo.endCursor;
  }
}

/** Search engines should find it, and under this very address. */
function isKnownHere({ path, seo }: Address, { url }: Place): boolean {
  return !seo.noindex && seo.canonicalUrl === `${url}${path}`;
}

function entry({ path, updatedAt, seo }: Address, { url }: Place): string {
  const changed = updatedAt ? `<lastmod>${escaped(updatedAt)}</lastmod>` : '';
  const alternates = (seo.alternates ?? []).map(
    (each) => `<xhtml:link rel="alternate" hreflang="${escaped(each.hreflang)}" href="${located(each.url)}"/>`,
  );
  return `<url><loc>${located(`${url}${path}`)}</loc>${changed}${alternates.join('')}</url>\n`;
}

function located(address: string): string {
  return escaped(URL.parse(address)?.href ?? address);
}
