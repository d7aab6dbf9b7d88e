import type { APIRoute } from 'astro';

import { config } from '../lib/config.ts';
import { robots } from '../lib/robots.ts';

export const GET: APIRoute = () =>
  new Response(robots(config.ownOrigins[0] ?? ''), { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
