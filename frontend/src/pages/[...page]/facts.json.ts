// A comparison for programs.
import type { APIRoute } from 'astro';

import { comparisonFileOf, jsonOf } from '../../lib/comparisonFile.ts';
import { fileAnswer } from '../../lib/files.ts';

const NAME = 'facts.json';

export const GET: APIRoute = (context) =>
  fileAnswer(
    context,
    NAME,
    (path, ask, parameters) => comparisonFileOf(path, NAME, parameters, ask),
    (file) => ({
      body: jsonOf(file),
      // Search engines should find the page.
      headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Robots-Tag': 'noindex' },
    }),
  );
