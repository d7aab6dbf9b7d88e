// A comparison for spreadsheets.
import type { APIRoute } from 'astro';

import { comparisonFileOf, csvOf } from '../../lib/comparisonFile.ts';
import { fileAnswer } from '../../lib/files.ts';

const NAME = 'facts.csv';

export const GET: APIRoute = (context) =>
  fileAnswer(
    context,
    NAME,
    (path, ask, parameters) => comparisonFileOf(path, NAME, parameters, ask),
    (file) => ({
      body: csvOf(file),
      headers: {
        'Content-Type': 'text/csv; charset=utf-8; header=present',
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.comparison.slug)}.csv`,
        // Search engines should find the page.
        'X-Robots-Tag': 'noindex',
      },
    }),
  );
