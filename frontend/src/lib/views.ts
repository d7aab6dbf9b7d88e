// From an address to what is shown there, in the world that `ask` opens: the public one, or that of a preview token.
import { CategoryFields } from '../components/Category.ts';
import { HeadFields, type SeoFields } from '../components/Head.ts';
import { SiteFields } from '../components/Layout.ts';
import { PageFields } from '../components/Page.ts';
import { PersonFields } from '../components/Person.ts';
import { SpecimenFields } from '../components/Specimen.ts';
import { TopicFields } from '../components/Topic.ts';
import { ArticlesQuery, ComparisonsQuery, HomeListsQuery, ToolsQuery, TopicListsQuery } from '../queries/listings.ts';
import { PersonQuery } from '../queries/person.ts';
import type { PreviewQuery } from '../queries/preview.ts';
import { ResolveQuery } from '../queries/resolve.ts';
import { SiteQuery } from '../queries/site.ts';
import { TopicQuery } from '../queries/topic.ts';
import { type Ask, QueryRefused } from './cms.ts';
import { type FragmentOf, type ResultOf, readFragment } from './graphql.ts';
import { languageIn, prefixOn } from './languages.ts';

export type Page = FragmentOf<typeof PageFields>;
export type Site = FragmentOf<typeof SiteFields>;
export type HomeLists = ResultOf<typeof HomeListsQuery>;
export type Articles = ResultOf<typeof ArticlesQuery>['articles'];
export type Tools = ResultOf<typeof ToolsQuery>['tools'];
export type Comparisons = ResultOf<typeof ComparisonsQuery>['comparisons'];
export type TopicLists = ResultOf<typeof TopicListsQuery>;

/** The list that belongs to a page, where its type has one. */
export interface Lists {
  home?: HomeLists;
  articles?: Articles;
  tools?: Tools;
  comparisons?: Comparisons;
}

export type View =
  | { kind: 'page'; page: Page; lists: Lists }
  | { kind: 'person'; person: FragmentOf<typeof PersonFields>; articles: Articles; prefix?: string }
  | { kind: 'topic'; topic: FragmentOf<typeof TopicFields>; lists: TopicLists; prefix?: string }
  | { kind: 'category'; category: FragmentOf<typeof CategoryFields>; tools: Tools }
  | { kind: 'specimen'; object: FragmentOf<typeof SpecimenFields> }
  | { kind: 'nothing' }
  | { kind: 'redirect'; to: string; status: 301 | 302 }
  | { kind: 'gone' }
  | { kind: 'missing' };

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
    return { ...(await found(path, after, ask)), after };
  } catch (error) {
    // A cursor that the API refuses comes from a mistyped address: nothing is there.
    const isBadCursor = after !== null && error instanceof QueryRefused && error.codes.includes('BAD_USER_INPUT');
    if (!isBadCursor) throw error;
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
      return { kind: 'page', page: object, lists: await listsFor(object, null, ask) };
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
  return view.kind === 'missing' ? 404 : view.kind === 'gone' ? 410 : 200;
}

export interface HeadOfView {
  title: string;
  locale?: string | undefined;
  page?: Page | undefined;
  seo?: FragmentOf<typeof SeoFields> | undefined;
}

/** Title and language of a view, for the document around it. */
export function headOf(view: View): HeadOfView {
  switch (view.kind) {
    case 'page': {
      const { seo, title, locale } = readFragment(HeadFields, readFragment(PageFields, view.page));
      return { title: seo.title || title, locale, page: view.page };
    }
    case 'person':
      return subjectHead(readFragment(PersonFields, view.person));
    case 'topic':
      return { ...subjectHead(readFragment(TopicFields, view.topic)), locale: readFragment(TopicFields, view.topic).locale };
    case 'category': {
      const { name, locale } = readFragment(CategoryFields, view.category);
      return { title: name, locale };
    }
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

async function found(path: string, after: string | null, ask: Ask): Promise<Found> {
  const locale = languageIn(path);
  const [, section, slug] = /\/(topics|people)\/([^/]+)\/?$/.exec(path) ?? [];
  const isWhole = path.replace(/\/$/, '') === `${locale ? `/${locale}` : ''}/${section}/${slug}`;
  if (!section || !slug || !isWhole) return resolved(path, after, ask);
  const at = section === 'topics' ? topicAt : personAt;
  const shown = await at(slug, after, locale, ask);
  // Two topics or people may have been merged: the address of the one that went leads to the other.
  if (shown.view.kind === 'missing') return resolved(path, after, ask);
  return path.endsWith('/') ? shown : { ...shown, view: redirect(`${path}/`, true) };
}

async function resolved(path: string, after: string | null, ask: Ask): Promise<Found> {
  const { site, resolve } = await ask(ResolveQuery, { path, ...language(languageIn(path)) });
  if (!resolve) return { site, view: { kind: 'missing' } };
  if (resolve.__typename === 'Gone') return { site, view: { kind: 'gone' } };
  if (resolve.__typename === 'Redirect') return { site, view: redirect(resolve.to, resolve.permanent) };
  const canonical = readFragment(PageFields, resolve).path;
  if (canonical !== path) return { site, view: redirect(canonical, true) };
  return { site, view: { kind: 'page', page: resolve, lists: await listsFor(resolve, after, ask) } };
}

async function listsFor(masked: Page, after: string | null, ask: Ask): Promise<Lists> {
  const page = readFragment(PageFields, masked);
  const own = language(page.locale);
  switch (page.__typename) {
    case 'Home':
      return { home: await ask(HomeListsQuery, own) };
    case 'ArticleIndex':
      return ask(ArticlesQuery, { after, ...own });
    case 'ToolIndex':
      return ask(ToolsQuery, { after, ...own });
    case 'ComparisonIndex':
      return ask(ComparisonsQuery, { after, ...own });
    default:
      return {};
  }
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
function redirect(to: string, permanent: boolean): View {
  const isPath = /^\/(?![/\\])/.test(to);
  const isWeb = /^https?:\/\//i.test(to);
  if (!isPath && !isWeb) return { kind: 'missing' };
  return { kind: 'redirect', to: isPath ? encodeURI(decoded(to)) : to, status: permanent ? 301 : 302 };
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
