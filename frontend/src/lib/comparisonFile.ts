// A comparison as CSV and as JSON, with the sources of every cell.
import { ComparisonFileQuery, ComposedFileQuery } from '../queries/comparisonFile.ts';
import type { Ask } from './cms.ts';
import { FEWEST, MOST, slugsIn } from './comparing.ts';
import { type Found, elsewhere } from './files.ts';
import type { ResultOf } from './graphql.ts';
import { languageIn } from './languages.ts';

export interface ComparisonFile {
  siteUrl: string;
  comparison: NonNullable<ResultOf<typeof ComposedFileQuery>['compare']>;
}

/** The comparison whose page is at this path; below `/compare/` that of the tools that the address names. */
export async function comparisonFileOf(
  path: string,
  name: string,
  parameters: URLSearchParams,
  ask: Ask,
): Promise<Found<ComparisonFile>> {
  const locale = languageIn(path);
  if (path === '/compare/' || path === `/${locale}/compare/`) {
    const tools = slugsIn(parameters);
    if (tools.length < FEWEST || tools.length > MOST) return { status: 404 };
    const { site, compare } = await ask(ComposedFileQuery, { tools, ...(locale && { locale }) });
    return compare ? of(site.url, compare) : { status: 404 };
  }
  const { site, resolve } = await ask(ComparisonFileQuery, { path });
  return resolve?.__typename === 'Comparison' ? of(site.url, resolve) : elsewhere(resolve, name);
}

function of(siteUrl: string, comparison: ComparisonFile['comparison']): Found<ComparisonFile> {
  return { status: 200, content: { siteUrl, comparison } };
}

/** Where the files of a comparison are, by the address of its page: `/comparisons/x/` or `/compare?tools=a,b`. */
export function addressOfFile(path: string, name: 'facts.csv' | 'facts.json', prefix = ''): string {
  const [page = '', query] = path.split('?');
  return query === undefined ? `${page}${name}` : `${prefix}/compare/${name}?${query}`;
}

const COLUMNS = [
  'attribute',
  'group',
  'tool',
  'state',
  'value',
  'qualifier',
  'note',
  'since version',
  'until version',
  'verified on',
  'stale on',
  'source titles',
  'source URLs',
  'override',
  'override reason',
];

/** One line per cell of the matrix (RFC 4180). Several sources stand in one cell, a line for each. */
export function csvOf({ comparison }: ComparisonFile): string {
  const cells = comparison.matrix.flatMap(({ attribute, cells }) =>
    cells.map(({ tool, fact, override }) => [
      attribute.label,
      attribute.group,
      tool.name,
      fact.state,
      fact.display,
      fact.qualifier,
      fact.note,
      fact.sinceVersion,
      fact.untilVersion,
      fact.verifiedOn,
      fact.staleOn,
      fact.sources.map(({ title }) => title).join('\n'),
      fact.sources.map(({ url }) => url).join('\n'),
      override?.text,
      override?.reason,
    ]),
  );
  return [COLUMNS, ...cells].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

/** A spreadsheet would run what begins like a formula: an apostrophe in front makes it text. */
function cellOf(value: string | null | undefined): string {
  const text = /^\s*[=+\-@]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The shape is described in docs/machine-faces.md; adding to it is free, changing it is not. */
export function jsonOf({ siteUrl, comparison }: ComparisonFile): string {
  const { title, path, locale, updatedAt, tools, matrix } = comparison;
  const content = {
    title,
    url: `${siteUrl}${path}`,
    language: locale,
    updatedAt,
    tools: tools.map(({ name, slug, path }) => ({ name, slug, url: `${siteUrl}${path}` })),
    rows: matrix.map(({ attribute, cells }) => ({
      attribute,
      cells: cells.map(({ tool, fact, override }) => ({ tool: tool.slug, ...fact, override })),
    })),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
