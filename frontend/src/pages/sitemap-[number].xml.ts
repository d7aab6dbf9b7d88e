// The parts that /sitemap.xml names where it is an index.
import type { APIRoute } from 'astro';

import { sitemapAnswer, sitemapPart } from '../lib/sitemap.ts';

export const GET: APIRoute = async ({ locals, params }) => {
  const isNumber = /^[1-9]\d{0,4}$/.test(params.number ?? '');
  const part = isNumber ? await sitemapPart(Number(params.number), locals.ask) : null;
  if (part) return sitemapAnswer(part);
  return new Response('There is no such part.\n', { status: 404, headers: { 'Content-Type': 'text/plain' } });
};
