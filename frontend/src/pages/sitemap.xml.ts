import type { APIRoute } from 'astro';

import { asker } from '../lib/cms.ts';
import { sitemap, sitemapAnswer } from '../lib/sitemap.ts';

export const GET: APIRoute = async () => sitemapAnswer(await sitemap(asker()));
