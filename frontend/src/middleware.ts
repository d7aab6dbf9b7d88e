// Around every answer: security headers, how long caches may keep it, an ETag on HTML, a page in words when the CMS is away,
// and a line in the log.
import type { APIContext, MiddlewareNext } from 'astro';
import { defineMiddleware } from 'astro:middleware';

import { CmsUnavailable, asker } from './lib/cms.ts';
import { config } from './lib/config.ts';
import { etag, isKnown, securityHeaders } from './lib/headers.ts';
import { Keeping } from './lib/keeping.ts';
import { REQUEST_ID, line, requestId } from './lib/log.ts';

const headers = Object.entries(securityHeaders(config, { isDevelopment: import.meta.env.DEV }));

export const onRequest = defineMiddleware(async (context, next) => {
  const { locals, request, url } = context;
  // The page in words for an error comes through here once more, with the same locals.
  if (locals.requestId) return named(await answer(context, next), locals.requestId);
  const began = performance.now();
  locals.requestId = requestId(request.headers.get(REQUEST_ID));
  locals.asked = 0;
  let status = 500;
  try {
    const response = named(await answer(context, next), locals.requestId);
    status = response.status;
    return response;
  } finally {
    const { requestId, asked } = locals;
    const ms = performance.now() - began;
    console.log(line({ requestId, method: request.method, path: url.pathname, status, ms, asked }));
  }
});

function named(response: Response, requestId: string): Response {
  response.headers.set(REQUEST_ID, requestId);
  return response;
}

async function answer(context: APIContext, next: MiddlewareNext): Promise<Response> {
  const { locals } = context;
  const { requestId } = locals;
  const keeping = new Keeping(config.tagHeader);
  const count = (): void => void (locals.asked += 1);
  const note = (headers: Headers): void => {
    count();
    keeping.note(headers);
  };
  locals.ask = asker({ note, requestId });
  locals.askWith = (token) => asker({ token, note: count, requestId });
  let response: Response;
  try {
    // Addresses of Astro's own that this site has no use for, such as its image service, are none here.
    response = context.url.pathname.startsWith('/_') ? await context.rewrite('/404') : await next();
  } catch (error) {
    if (!(error instanceof CmsUnavailable)) throw error;
    console.error(error.message);
    response = await context.rewrite('/503');
  }
  // The preview has set its own.
  if (!response.headers.has('Content-Security-Policy')) {
    for (const [name, value] of headers) response.headers.set(name, value);
  }
  if (!response.headers.has('Cache-Control')) {
    for (const [name, value] of Object.entries(keeping.headers())) response.headers.set(name, value);
  }
  if (!response.headers.get('Content-Type')?.startsWith('text/html')) return response;

  // Read to the end before anything is sent: a component that throws then still ends in a whole error page.
  const body = await response.text();
  response.headers.set('Content-Type', 'text/html; charset=utf-8');
  if (response.status === 200 && response.headers.get('Cache-Control')?.startsWith('public')) {
    const tag = etag(body);
    response.headers.set('ETag', tag);
    if (isKnown(context.request.headers.get('If-None-Match'), tag)) {
      return new Response(null, { status: 304, headers: response.headers });
    }
  }
  // Without the text that Astro gives every status: it answers "404 OK".
  return new Response(body, { status: response.status, headers: response.headers });
}
