// Around every answer: security headers, how long caches may keep it, an ETag on HTML, and a page in words when the CMS is
// away.
import { defineMiddleware } from 'astro:middleware';

import { CmsUnavailable, asker } from './lib/cms.ts';
import { config } from './lib/config.ts';
import { etag, isKnown, securityHeaders } from './lib/headers.ts';
import { Keeping } from './lib/keeping.ts';

const headers = Object.entries(securityHeaders(config, { isDevelopment: import.meta.env.DEV }));

export const onRequest = defineMiddleware(async (context, next) => {
  const keeping = new Keeping(config.tagHeader);
  context.locals.ask = asker({ note: (headers) => keeping.note(headers) });
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
});
