// From an address to what is shown there, in the world that `ask` opens: the public one, or that of a preview token.
import { CategoryFields } from '../components/Category.ts';
import { HeadFields, type SeoFields } from '../components/Head.ts';
import { SiteFields } from '../components/Layout.ts';
import { PageFields } from '../components/Page.ts';
import { PersonFields } from '../components/Person.ts';
import { SpecimenFields } from '../components/Specimen.ts';
import { TopicFields } from '../components/Topic.ts';
import { CompareQuery, ToolNamesQuery } from '../queries/compare.ts';
import { FiltersQuery } from '../queries/directory.ts';
import { ArticlesQuery, ComparisonsQuery, HomeListsQuery, ToolsQuery, TopicListsQuery } from '../queries/listings.ts';
import { PersonQuery } from '../queries/person.ts';
import type { PreviewQuery } from '../queries/preview.ts';
import { ResolveQuery } from '../queries/resolve.ts';
import { SearchQuery, WhereToBeginQuery } from '../queries/search.ts';
import { SiteQuery } from '../queries/site.ts';
import { TopicQuery } from '../queries/topic.ts';
import { type Ask, QueryRefused } from './cms.ts';
import { FEWEST, MOST, addressOf, isSettled, slugsIn } from './comparing.ts';
import { type Chosen, type Filters, chosenIn, filterOf } from './directory.ts';
import { type FragmentOf, type ResultOf, readFragment } from './graphql.ts';
import { languageIn, prefixOn } from './languages.ts';

/** So much the API takes. */
const LONGEST_QUERY = 200;

export type Page = FragmentOf<typeof PageFields>;
export type Site = FragmentOf<typeof SiteFields>;
export type HomeLists = ResultOf<typeof HomeListsQuery>;
export type Articles = ResultOf<typeof ArticlesQuery>['articles'];
export type Tools = ResultOf<typeof ToolsQuery>['tools'];
export type Comparisons = ResultOf<typeof ComparisonsQuery>['comparisons'];
export type TopicLists = ResultOf<typeof TopicListsQuery>;

export type SearchResults = ResultOf<typeof SearchQuery>['search'];
export type WhereToBegin = Pick<ResultOf<typeof WhereToBeginQuery>, 'topics' | 'articles'>;
export type ToolNames = ResultOf<typeof ToolNamesQuery>['tools'];

/** The list that belongs to a page, where its type has one. */
export interface Lists {
  home?: HomeLists;
  articles?: Articles;
  directory?: { tools: Tools; filters: Filters; chosen: Chosen };
  comparisons?: Comparisons;
}

/** What was searched for, and in what. */
export interface Searched {
  query: string;
  type: string | null;
  topic: string | null;
}

export type View =
  | { kind: 'page'; page: Page; lists: Lists }
  | { kind: 'person'; person: FragmentOf<typeof PersonFields>; articles: Articles; prefix?: string }
  | { kind: 'topic'; topic: FragmentOf<typeof TopicFields>; lists: TopicLists; prefix?: string }
  | { kind: 'category'; category: FragmentOf<typeof CategoryFields>; tools: Tools }
  | { kind: 'specimen'; object: FragmentOf<typeof SpecimenFields> }
  | { kind: 'nothing' }
  | { kind: 'search'; searched: Searched; results: SearchResults | null; begin: WhereToBegin | null; prefix: string }
  | { kind: 'choice'; slugs: string[]; problem: string | null; names: ToolNames; prefix: string }
  | { kind: 'redirect'; to: string; status: 301 | 302 }
  | { kind: 'gone'; path?: string }
  | { kind: 'missing'; path?: string };

export interface Shown {
  site: Site;
  view: View;
  /** The cursor that the view's list begins after; null at its beginning. */
  after: string | null;
}

type Found = Omit<Shown, 'after'>;

type PreviewedObject = NonNullable<ResultOf<typeof PreviewQuery>['preview']>['object'];

export async function viewAt(address: URL, ask: Ask): Promise<Shown> {
  const path = decoded(address.pathname);
  const after = address.searchParams.get('after');
  try {
    return { ...(await found(path, address.searchParams, ask)), after };
  } catch (error) {
    // A cursor or a type that the API refuses comes from a mistyped address: nothing is there.
    const isMistyped = address.search !== '' && error instanceof QueryRefused && error.codes.includes('BAD_USER_INPUT');
    if (!isMistyped) throw error;
    return { site: (await ask(SiteQuery, language(languageIn(path)))).site, view: { kind: 'missing' }, after: null };
  }
}

/** A previewed object as the page that shows it; a type without a page is shown as a specimen. */
export async function viewOf(object: PreviewedObject, ask: Ask): Promise<View> {
  switch (object.__typename) {
    case 'Home':
    case 'Article':
    case 'ArticleIndex':
    case 'Tool':
    case 'ToolIndex':
    case 'Comparison':
    case 'ComparisonIndex':
    case 'StandardPage':
      return { kind: 'page', page: object, lists: await listsFor(object, new URLSearchParams(), ask) };
    case 'Person':
      return { kind: 'person', person: object, articles: await articlesBy(object.id, null, undefined, ask) };
    case 'Topic':
      return { kind: 'topic', topic: object, lists: await topicLists(object.id, null, object.locale, ask) };
    case 'Category': {
      const { tools } = await ask(ToolsQuery, { filter: { category: object.id }, locale: object.locale });
      return { kind: 'category', category: object, tools };
    }
    default:
      return { kind: 'specimen', object };
  }
}

export function statusOf(view: View): number {
  if (view.kind === 'redirect') return view.status;
  if (view.kind === 'choice' && view.problem && view.slugs.length >= FEWEST) return 404;
  return view.kind === 'missing' ? 404 : view.kind === 'gone' ? 410 : 200;
}

export interface HeadOfView {
  title: string;
  /** Where the API has none. */
  description?: string | undefined;
  locale?: string | undefined;
  page?: Page | undefined;
  seo?: FragmentOf<typeof SeoFields> | undefined;
}

/** Title and language of a view, for the document around it. */
export function headOf(view: View): HeadOfView {
  switch (view.kind) {
    case 'page': {
      const page = readFragment(PageFields, view.page);
      const { seo, title, locale } = readFragment(HeadFields, page);
      const description = page.__typename === 'Comparison' ? `${title}: what is known of each, side by side.` : undefined;
      return { title: seo.title || title, description, locale, page: view.page };
    }
    case 'person':
      return subjectHead(readFragment(PersonFields, view.person));
    case 'topic':
      return { ...subjectHead(readFragment(TopicFields, view.topic)), locale: readFragment(TopicFields, view.topic).locale };
    case 'category': {
      const { name, locale } = readFragment(CategoryFields, view.category);
      return { title: name, locale };
    }
    case 'search':
      return {
        title: view.searched.query ? `Search for “${view.searched.query}”` : 'Search',
        description: 'Articles, tools and comparisons by the words in them.',
      };
    case 'choice':
      return { title: 'Compare tools', description: 'Tools of your choice, side by side.' };
    case 'gone':
      return { title: 'No longer published' };
    case 'missing':
      return { title: 'Page not found' };
    default:
      return { title: 'Preview' };
  }
}

function subjectHead({ seo }: { seo: FragmentOf<typeof SeoFields> & { title: string } }): HeadOfView {
  return { title: seo.title, seo };
}

async function found(path: string, parameters: URLSearchParams, ask: Ask): Promise<Found> {
  const locale = languageIn(path);
  const after = parameters.get('after');
  const prefix = locale ? `/${locale}` : '';
  if (path === `${prefix}/search` || path === `${prefix}/search/`) return searched(parameters, locale, ask);
  if (path === `${prefix}/compare` || path === `${prefix}/compare/`) return compared(parameters, locale, ask);
  const [, section, slug] = /\/(topics|people)\/([^/]+)\/?$/.exec(path) ?? [];
  const isWhole = path.replace(/\/$/, '') === `${prefix}/${section}/${slug}`;
  if (!section || !slug || !isWhole) return resolved(path, parameters, ask);
  const at = section === 'topics' ? topicAt : personAt;
  const shown = await at(slug, after, locale, ask);
  // Two topics or people may have been merged: the address of the one that went leads to the other.
  if (shown.view.kind === 'missing') return resolved(path, parameters, ask);
  return path.endsWith('/') ? shown : { ...shown, view: redirect(`${path}/`, true) };
}

async function resolved(path: string, parameters: URLSearchParams, ask: Ask): Promise<Found> {
  const { site, resolve } = await ask(ResolveQuery, { path, ...language(languageIn(path)) });
  if (!resolve) return { site, view: { kind: 'missing', path } };
  if (resolve.__typename === 'Gone') return { site, view: { kind: 'gone', path } };
  if (resolve.__typename === 'Redirect') return { site, view: redirect(resolve.to, resolve.permanent) };
  const canonical = readFragment(PageFields, resolve).path;
  if (canonical !== path) return { site, view: redirect(canonical, true) };
  return { site, view: { kind: 'page', page: resolve, lists: await listsFor(resolve, parameters, ask) } };
}

async function listsFor(masked: Page, parameters: URLSearchParams, ask: Ask): Promise<Lists> {
  const page = readFragment(PageFields, masked);
  const after = parameters.get('after');
  const own = language(page.locale);
  switch (page.__typename) {
    case 'Home':
      return { home: await ask(HomeListsQuery, own) };
    case 'ArticleIndex':
      return ask(ArticlesQuery, { after, ...own });
    case 'ToolIndex':
      return { directory: await directory(parameters, own, ask) };
    case 'ComparisonIndex':
      return ask(ComparisonsQuery, { after, ...own });
    default:
      return {};
  }
}

async function directory(
  parameters: URLSearchParams,
  own: { locale?: string },
  ask: Ask,
): Promise<NonNullable<Lists['directory']>> {
  const filters = await ask(FiltersQuery, own);
  const chosen = chosenIn(parameters, filters);
  const filter = filterOf(chosen, filters);
  const none = { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
  const { tools } = filter ? await ask(ToolsQuery, { after: parameters.get('after'), filter, ...own }) : { tools: none };
  return { tools, filters, chosen };
}

/** Results; without words, or without results, where else to begin. */
async function searched(parameters: URLSearchParams, locale: string | undefined, ask: Ask): Promise<Found> {
  const query = (parameters.get('q') ?? '').trim().slice(0, LONGEST_QUERY);
  const searched: Searched = { query, type: parameters.get('type') || null, topic: parameters.get('topic') || null };
  const prefix = locale ? `/${locale}` : '';
  const found = query
    ? await ask(SearchQuery, {
        query,
        types: searched.type ? [searched.type] : null,
        topic: searched.topic,
        after: parameters.get('after'),
        ...language(locale),
      })
    : null;
  if (found && !isLanguageOf(found.site, locale)) return { site: found.site, view: { kind: 'missing' } };
  const results = found?.search ?? null;
  if (found && results && results.nodes.length > 0) {
    return { site: found.site, view: { kind: 'search', searched, results, begin: null, prefix } };
  }
  const { site, ...begin } = await ask(WhereToBeginQuery, language(locale));
  return { site, view: { kind: 'search', searched, results, begin, prefix } };
}

/** Tools side by side; until two to six are named that are there, a choice of all. */
async function compared(parameters: URLSearchParams, locale: string | undefined, ask: Ask): Promise<Found> {
  const slugs = slugsIn(parameters);
  const prefix = locale ? `/${locale}` : '';
  let problem: string | null = null;
  if (slugs.length >= FEWEST && slugs.length <= MOST) {
    const { site, compare } = await ask(CompareQuery, { tools: slugs, ...language(locale) });
    if (compare && isLanguageOf(site, locale)) {
      if (!isSettled(parameters, slugs)) return { site, view: redirect(addressOf(slugs, prefix), false) };
      return { site, view: { kind: 'page', page: compare, lists: {} } };
    }
  } else if (slugs.length > MOST) {
    problem = `That is ${slugs.length} tools. A table of more than ${MOST} cannot be read: untick some.`;
  } else if (slugs.length === 1) {
    problem = 'That is one tool: tick at least one more.';
  }
  const { site, tools } = await ask(ToolNamesQuery, language(locale));
  if (!isLanguageOf(site, locale)) return { site, view: { kind: 'missing' } };
  if (slugs.length >= FEWEST && !problem) {
    const known = new Set(tools.nodes.map(({ slug }) => slug));
    const unknown = slugs.filter((slug) => !known.has(slug)).map((slug) => `“${slug}”`);
    problem = `We have no tool called ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(unknown)}.`;
  }
  return { site, view: { kind: 'choice', slugs, problem, names: tools, prefix } };
}

async function topicAt(slug: string, after: string | null, locale: string | undefined, ask: Ask): Promise<Found> {
  const { site, topic } = await ask(TopicQuery, { slug, ...language(locale) });
  if (!topic || !isLanguageOf(site, locale)) return { site, view: { kind: 'missing' } };
  const lists = await topicLists(topic.id, after, locale, ask);
  return { site, view: { kind: 'topic', topic, lists, ...(locale && { prefix: `/${locale}` }) } };
}

async function topicLists(topic: string, after: string | null, locale: string | undefined, ask: Ask): Promise<TopicLists> {
  return ask(TopicListsQuery, { topic, after, ...language(locale) });
}

/** A person is the same in every language; the articles listed are those of one. */
async function personAt(slug: string, after: string | null, locale: string | undefined, ask: Ask): Promise<Found> {
  const { site, person } = await ask(PersonQuery, { slug, ...language(locale) });
  if (!person || !isLanguageOf(site, locale)) return { site, view: { kind: 'missing' } };
  const articles = await articlesBy(person.id, after, locale, ask);
  return { site, view: { kind: 'person', person, articles, ...(locale && { prefix: `/${locale}` }) } };
}

async function articlesBy(author: string, after: string | null, locale: string | undefined, ask: Ask): Promise<Articles> {
  return (await ask(ArticlesQuery, { after, filter: { author }, ...language(locale) })).articles;
}

/** The variable of a question; none for the site's own language. */
function language(locale: string | undefined): { locale?: string } {
  return locale ? { locale } : {};
}

/** Whether a site shows this language under a mark of its own. */
function isLanguageOf(masked: Site, locale: string | undefined): boolean {
  return !locale || prefixOn(readFragment(SiteFields, masked), locale) !== '';
}

/** Only paths of this site and web addresses: nothing that a browser would run or read as another host. */
export function redirect(to: string, permanent: boolean): View {
  const isPath = /^\/(?![/\\])/.test(to);
  const isWeb = /^https?:\/\//i.test(to);
  if (!isPath && !isWeb) return { kind: 'missing' };
  return { kind: 'redirect', to: isPath ? encodeURI(decoded(to)) : to, status: permanent ? 301 : 302 };
}

export function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
