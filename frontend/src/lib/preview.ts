// One posted preview: who asks, what the token opens, and what to say when it opens nothing.
import { PreviewQuery, PreviewStatusQuery } from '../queries/preview.ts';
import { SiteQuery } from '../queries/site.ts';
import { SiteFields } from '../components/Layout.ts';
import type { PreviewBarFields } from '../components/PreviewBar.ts';
import { type Ask, CmsUnavailable, TokenRefused } from './cms.ts';
import { config } from './config.ts';
import { type FragmentOf, readFragment } from './graphql.ts';
import { prefixOn } from './languages.ts';
import { type Shown, type Site, statusOf, viewAt, viewOf } from './views.ts';

export interface Problem {
  /** Goes to the page as well, so that tests and support can tell problems apart. */
  code: string;
  title: string;
  text: string;
}

export type PreviewAnswer =
  | {
      status: number;
      shown: Shown;
      bar: FragmentOf<typeof PreviewBarFields>;
      /** Checks what is edited; other pages that a link led to are nobody's to mend here. */
      userbar: string | null;
    }
  | { status: number; problem: Problem };

// What a token may consist of (RFC 6750): anything else must not reach a header.
const TOKEN = /^[\w.~+/-]{16,512}=*$/;
const REDIRECTS = 5;

const PROBLEMS = {
  TOKEN_EXPIRED: {
    title: 'This preview has expired',
    text: 'Previews are open for a limited time. Open it anew from the editor; a shared link has to be shared again.',
  },
  TOKEN_INVALID: {
    title: 'This preview is not available',
    text: 'The link is incomplete, was withdrawn, or belongs to another installation. Open the preview anew from the editor.',
  },
  CMS_UNAVAILABLE: {
    title: 'The preview cannot be fetched now',
    text: 'The editing system does not answer. Nothing you wrote is lost; the preview comes back with your next change or when you load it again.',
  },
  ORIGIN_REFUSED: {
    title: 'This preview was asked for from elsewhere',
    text: 'Previews are only shown on the site itself. If you see this in the editor, the address configured for this site is not the one in use.',
  },
  NOT_RENDERED: {
    title: 'This draft cannot be shown yet',
    text: 'Something in it could not be rendered. Nothing you wrote is lost; look at the last change you made, or tell the people who run this site.',
  },
} as const;

export function problem(code: keyof typeof PROBLEMS): Problem {
  return { code, ...PROBLEMS[code] };
}

/** Never throws, never logs the token, and reads nothing of the request but its origin, token and path. */
export async function previewAnswer(
  request: Request,
  { ownOrigins = config.ownOrigins, ask }: { ownOrigins?: string[]; ask: (token: string) => Ask },
): Promise<PreviewAnswer> {
  if (!ownOrigins.includes(request.headers.get('origin') ?? '')) {
    return { status: 403, problem: problem('ORIGIN_REFUSED') };
  }
  const { token, path } = await posted(request);
  if (!TOKEN.test(token)) return { status: 401, problem: problem('TOKEN_INVALID') };
  try {
    return await opened(path, ask(token));
  } catch (error) {
    if (error instanceof CmsUnavailable) return { status: 503, problem: problem('CMS_UNAVAILABLE') };
    if (error instanceof TokenRefused) {
      return { status: 401, problem: problem(error.code === 'TOKEN_EXPIRED' ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID') };
    }
    console.error('A preview could not be rendered:', error instanceof Error ? error.message : 'unknown error');
    return { status: 500, problem: problem('NOT_RENDERED') };
  }
}

async function opened(path: string, ask: Ask): Promise<PreviewAnswer> {
  if (path === '') {
    const { site: plain, preview } = await ask(PreviewQuery, {});
    if (!preview) throw new TokenRefused('TOKEN_INVALID');
    const site = await inLanguage('locale' in preview.object ? preview.object.locale : undefined, plain, ask);
    const view = await viewOf(preview.object, ask);
    return { status: 200, shown: { site, view, after: null }, bar: preview, userbar: preview.userbar };
  }
  const [{ preview }, shown] = await Promise.all([ask(PreviewStatusQuery, {}), follow(path, ask)]);
  if (!preview) throw new TokenRefused('TOKEN_INVALID');
  return { status: statusOf(shown.view), shown, bar: preview, userbar: null };
}

/** The site with menus and announcement in the language of what is previewed. */
async function inLanguage(locale: string | undefined, site: Site, ask: Ask): Promise<Site> {
  const isOther = locale && prefixOn(readFragment(SiteFields, site), locale) !== '';
  return isOther ? (await ask(SiteQuery, { locale })).site : site;
}

/** Follows redirects here: a browser that followed them would leave the preview. */
async function follow(path: string, ask: Ask): Promise<Shown> {
  let shown = await viewAt(inside(path), ask);
  for (let left = REDIRECTS; left > 0 && shown.view.kind === 'redirect' && shown.view.to.startsWith('/'); left -= 1) {
    shown = await viewAt(inside(shown.view.to), ask);
  }
  return shown.view.kind === 'redirect' ? { ...shown, view: { kind: 'missing' } } : shown;
}

function inside(path: string): URL {
  return new URL(path, 'http://preview.invalid');
}

async function posted(request: Request): Promise<{ token: string; path: string }> {
  const form = new URLSearchParams(await request.text());
  const path = form.get('path') ?? '';
  return { token: form.get('token') ?? '', path: /^\/(?![/\\])/.test(path) ? path : '' };
}
