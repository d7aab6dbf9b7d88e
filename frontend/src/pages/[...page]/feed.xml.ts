// The feed of a page: articles on a front page, what is known on the page of a tool or a comparison.
import type { APIRoute } from 'astro';

import { atom } from '../../lib/atom.ts';
import { feedOf } from '../../lib/feeds.ts';
import { fileAnswer } from '../../lib/files.ts';

export const GET: APIRoute = (context) =>
  fileAnswer(context, 'feed.xml', feedOf, (feed) => ({
    body: atom(feed),
    headers: { 'Content-Type': 'application/atom+xml; charset=utf-8' },
  }));
