// Files beside a page, for programs: `/tools/django/feed.xml` belongs to `/tools/django/`.
import type { Ask } from './cms.ts';
import { etag, isKnown } from './headers.ts';
import { decoded, redirect } from './views.ts';

/** What a file is made of, or why there is none. */
export type Found<Content> =
  | { status: 200; content: Content }
  | { status: 301 | 302; to: string }
  | { status: 404 | 410 };

interface File {
  body: string;
  headers: Record<string, string>;
}

/** Answers a request for the file of this name with what `find` knows of the page above it. */
export async function fileAnswer<Content>(
  { request, url, locals }: { request: Request; url: URL; locals: { ask: Ask } },
  name: string,
  find: (path: string, ask: Ask, parameters: URLSearchParams) => Promise<Found<Content>>,
  write: (content: Content) => File,
): Promise<Response> {
  const found = await find(decoded(url.pathname).slice(0, -name.length), locals.ask, url.searchParams);
  if ('to' in found) return new Response(null, { status: found.status, headers: { Location: found.to } });
  if (!('content' in found)) {
    const headers = { 'Content-Type': 'text/plain' };
    return new Response('There is no such file.\n', { status: found.status, headers });
  }
  const { body, headers } = write(found.content);
  const tag = etag(body);
  const all = { ...headers, ETag: tag };
  return isKnown(request.headers.get('If-None-Match'), tag)
    ? new Response(null, { status: 304, headers: all })
    : new Response(body, { headers: all });
}

interface Resolved {
  __typename: string;
  to?: string;
  permanent?: boolean;
}

/** Where the file of this name is, if not here: beside the page that an old path leads to, or nowhere. */
export function elsewhere(resolved: Resolved | null, name: string): Found<never> {
  if (resolved?.__typename === 'Gone') return { status: 410 };
  const { to = '', permanent = false } = resolved ?? {};
  const view = to.startsWith('/') && to.endsWith('/') ? redirect(`${to}${name}`, permanent) : null;
  return view?.kind === 'redirect' ? { status: view.status, to: view.to } : { status: 404 };
}
