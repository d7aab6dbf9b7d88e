// The feeds of the site: its articles, and what is known of a tool or a comparison.
import { createHash } from 'node:crypto';

import { ArticleFeedQuery, ChangesFeedQuery } from '../queries/feeds.ts';
import { type Entry, type Feed, tagOf } from './atom.ts';
import type { Ask } from './cms.ts';
import { factText } from './facts.ts';
import { type Found, elsewhere } from './files.ts';
import type { ResultOf } from './graphql.ts';
import { languageIn, prefixOn } from './languages.ts';

const FILE = 'feed.xml';
/** So many changes; the articles are as many as their query asks for. */
const MOST_ENTRIES = 50;

type Subject = NonNullable<ResultOf<typeof ChangesFeedQuery>['resolve']>;
type Tool = Extract<Subject, { __typename: 'Tool' }>;
type Comparison = Extract<Subject, { __typename: 'Comparison' }>;
type Fact = Tool['facts'][number];

/** The feed of a page: articles on the front page of a language, what is known on that of a tool or a comparison. */
export async function feedOf(path: string, ask: Ask): Promise<Found<Feed>> {
  const locale = languageIn(path);
  if (path === '/' || path === `/${locale}/`) return articleFeed(locale, ask);
  const { site, resolve } = await ask(ChangesFeedQuery, { path, ...(locale && { locale }) });
  if (resolve?.__typename !== 'Tool' && resolve?.__typename !== 'Comparison') return elsewhere(resolve, FILE);
  const page = `${site.url}${resolve.path}`;
  const { title, subtitle, entries } = resolve.__typename === 'Tool' ? toolFeed(resolve) : comparisonFeed(resolve);
  return {
    status: 200,
    content: {
      id: tagOf(site, `${resolve.id}/changes`),
      title: `${title} · ${site.name}`,
      subtitle,
      self: `${page}${FILE}`,
      link: page,
      language: resolve.locale,
      author: site.publisher || site.name,
      entries: newest(entries.map((entry) => ({ ...entry, id: tagOf(site, entry.id), link: page }))),
    },
  };
}

async function articleFeed(locale: string | undefined, ask: Ask): Promise<Found<Feed>> {
  const { site, articles } = await ask(ArticleFeedQuery, locale ? { locale } : {});
  const prefix = prefixOn(site, locale);
  if (locale && !prefix) return { status: 404 };
  const front = `${site.url}${prefix}/`;
  return {
    status: 200,
    content: {
      id: tagOf(site, `articles/${site.locale}`),
      title: site.name,
      subtitle: 'Articles, the newest first',
      self: `${front}${FILE}`,
      link: front,
      language: site.locale,
      author: site.publisher || site.name,
      entries: articles.nodes.map((article) => ({
        id: tagOf(site, article.id),
        title: article.title,
        link: `${site.url}${article.path}`,
        updated: article.updatedAt,
        published: article.publishedAt,
        authors: article.authors.map(({ name, seo }) => ({ name, uri: seo.canonicalUrl })),
        summary: article.shortAnswer || article.dek,
        categories: article.topics.map(({ name }) => name),
      })),
    },
  };
}

interface Changes {
  title: string;
  subtitle: string;
  entries: Omit<Entry, 'link'>[];
}

function toolFeed({ name, facts }: Tool): Changes {
  return {
    title: `Facts about ${name}`,
    subtitle:
      `What is known of ${name}, the newest check first. ` +
      'An answer that has changed is a new entry; earlier answers are not kept here.',
    entries: facts.flatMap((fact) => factEntry(fact, '')),
  };
}

function comparisonFeed({ id, title, corrections, matrix }: Comparison): Changes {
  const corrected = corrections.map(({ on, text }) => ({
    id: `${id}/corrections/${on}/${digest(text)}`,
    title: 'Correction',
    updated: on,
    summary: text,
  }));
  const cells = matrix.flatMap((row) => row.cells);
  return {
    title,
    subtitle:
      'The facts that are compared, the newest check first, and corrections. ' +
      'An answer that has changed is a new entry; earlier answers are not kept here.',
    entries: [...corrected, ...cells.flatMap(({ tool, fact }) => factEntry(fact, `${tool.name}: `))],
  };
}

/** Nothing for a fact that nobody has verified: it has no day to stand under. */
function factEntry(fact: Fact, before: string): Omit<Entry, 'link'>[] {
  const { id, state, display, qualifier, note, verifiedOn, attribute, sources } = fact;
  if (!id || !verifiedOn) return [];
  const { word, value } = factText(state, display);
  const answer = [word, value].filter(Boolean).join(', ') + (qualifier ? ` (${qualifier})` : '');
  const proof = sources.map(({ title, url }) => `${title} (${url})`).join('; ');
  const summary = [note, `Checked on ${verifiedOn}.`, proof && `Sources: ${proof}.`].filter(Boolean).join(' ');
  return [
    { id: `${id}/${digest(answer)}`, title: `${before}${attribute.label}: ${answer}`, updated: verifiedOn, summary },
  ];
}

function newest(entries: Entry[]): Entry[] {
  return entries.toSorted((one, other) => other.updated.localeCompare(one.updated)).slice(0, MOST_ENTRIES);
}

/** Tells one text from another, in an id. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
