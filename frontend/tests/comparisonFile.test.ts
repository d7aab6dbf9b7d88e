import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Ask } from '../src/lib/cms.ts';
import { type ComparisonFile, addressOfFile, comparisonFileOf, csvOf, jsonOf } from '../src/lib/comparisonFile.ts';
import { ComposedFileQuery } from '../src/queries/comparisonFile.ts';

const sources = [
  { title: 'One', url: 'https://example.org/1' },
  { title: 'Two', url: 'https://example.org/2' },
];

function file(display: string, override: unknown = null): ComparisonFile {
  const said = { state: 'YES', display, qualifier: null, note: 'So, "they" say' };
  const fact = { ...said, verifiedOn: '2026-01-01', staleOn: null, sources };
  const attribute = { key: 'price', label: 'Price', group: 'Money' };
  const cells = [{ tool: { name: 'X', slug: 'x' }, fact, override }];
  const tools = [{ name: 'X', slug: 'x', path: '/tools/x/' }];
  const comparison = { title: 'X', slug: 'x', path: '/comparisons/x/', locale: 'en', updatedAt: '2026-01-02', tools };
  const whole = { ...comparison, matrix: [{ attribute, cells }] };
  return { siteUrl: 'https://front.test', comparison: whole } as unknown as ComparisonFile;
}

test('every cell is a line, quoted where it must be', () => {
  assert.equal(
    csvOf(file('5', { text: 'Free', reason: 'For now' })),
    'attribute,group,tool,state,value,qualifier,note,since version,until version,verified on,stale on,' +
      'source titles,source URLs,override,override reason\r\n' +
      'Price,Money,X,YES,5,,"So, ""they"" say",,,2026-01-01,,' +
      '"One\nTwo","https://example.org/1\nhttps://example.org/2",Free,For now\r\n',
  );
});

test('what a spreadsheet would run is text', () => {
  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1']) {
    assert.ok(csvOf(file(formula)).includes(`,YES,'${formula},`), formula);
  }
  assert.ok(csvOf(file('\r=1')).includes(`,YES,"'\r=1",`));
  assert.ok(csvOf(file('1 = 1')).includes(',YES,1 = 1,'));
});

test('the JSON has whole addresses and the sources of every cell', () => {
  const found = JSON.parse(jsonOf(file('5')));
  assert.equal(found.url, 'https://front.test/comparisons/x/');
  assert.deepEqual(found.tools, [{ name: 'X', slug: 'x', url: 'https://front.test/tools/x/' }]);
  assert.deepEqual(found.rows[0].cells[0].sources, sources);
  assert.equal(found.rows[0].cells[0].tool, 'x');
});

test('files are beside the page, and for tools that a reader has chosen at their own address', async () => {
  assert.equal(addressOfFile('/de/comparisons/x/', 'facts.csv', '/de'), '/de/comparisons/x/facts.csv');
  assert.equal(addressOfFile('/compare?tools=a,b', 'facts.json', '/de'), '/de/compare/facts.json?tools=a,b');
  const asked: unknown[] = [];
  const ask = (async (document: unknown, variables: unknown) => {
    asked.push([document, variables]);
    return { site: { url: 'https://front.test' }, compare: null };
  }) as Ask;
  const at = (path: string, query: string) => comparisonFileOf(path, 'facts.csv', new URLSearchParams(query), ask);
  assert.deepEqual(await at('/de/compare/', 'tools=a,b'), { status: 404 });
  assert.deepEqual(await at('/compare/', 'tools=a'), { status: 404 });
  assert.deepEqual(await at('/compare/', 'tools=a,b,c,d,e,f,g'), { status: 404 });
  assert.deepEqual(asked, [[ComposedFileQuery, { tools: ['a', 'b'], locale: 'de' }]]);
});
