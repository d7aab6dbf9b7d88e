// Writes Atom feeds (RFC 4287).
import { element, escaped } from './xml.ts';

export interface Entry {
  id: string;
  title: string;
  /** The whole address of the page that it is about. */
  link: string;
  updated: string;
  published?: string | null;
  authors?: { name: string; uri: string }[];
  summary?: string | null;
  categories?: string[];
}

export interface Feed {
  id: string;
  title: string;
  /** What its entries are. */
  subtitle: string;
  /** The whole addresses of the feed itself and of the page it belongs to. */
  self: string;
  link: string;
  language: string;
  /** Stands for every entry that names no author. */
  author: string;
  entries: Entry[];
}

const NEVER = '1970-01-01T00:00:00Z';

export function atom(feed: Feed): string {
  const updated = feed.entries.map((entry) => moment(entry.updated)).sort().at(-1) ?? NEVER;
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${escaped(feed.language)}">
${element('id', feed.id)}
${element('title', feed.title)}
${element('subtitle', feed.subtitle)}
<updated>${updated}</updated>
<link rel="self" type="application/atom+xml" href="${escaped(address(feed.self))}"/>
<link rel="alternate" type="text/html" href="${escaped(address(feed.link))}"/>
<author>${element('name', feed.author)}</author>
${feed.entries.map(written).join('')}</feed>
`;
}

/** An id that stays when a title or an address changes: a tag URI (RFC 4151) of the host and of the id in the API. */
export function tagOf(site: { url: string }, id: string): string {
  return `tag:${new URL(site.url).hostname},2026:${encodeURI(id)}`;
}

function written({ id, title, link, updated, published, authors = [], summary, categories = [] }: Entry): string {
  const parts = [
    element('id', id),
    // Atom asks for a title and allows it to be empty.
    `<title>${escaped(title)}</title>`,
    `<link rel="alternate" type="text/html" href="${escaped(address(link))}"/>`,
    `<updated>${moment(updated)}</updated>`,
    published ? `<published>${moment(published)}</published>` : '',
    ...authors.map(({ name, uri }) => `<author>${element('name', name)}${element('uri', address(uri))}</author>`),
    ...categories.map((term) => `<category term="${escaped(term)}"/>`),
    element('summary', summary),
  ];
  return `<entry>\n${parts.filter(Boolean).join('\n')}\n</entry>\n`;
}

/** Days and moments in one form, which can be compared as text. */
function moment(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19)}Z`;
}

function address(url: string): string {
  return URL.parse(url)?.href ?? url;
}
