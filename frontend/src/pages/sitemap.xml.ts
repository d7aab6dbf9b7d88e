import type { APIRoute } from 'astro';

import { sitemap, sitemapAnswer } from '../lib/sitemap.ts';

export const GET: APIRoute = async ({ locals }) => sitemapAnswer(await sitemap(locals.ask));
