import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Ask } from '../src/lib/cms.ts';
import { addressOf, isSettled, slugsIn } from '../src/lib/comparing.ts';
import { statusOf, viewAt } from '../src/lib/views.ts';
import { CompareQuery, ToolNamesQuery } from '../src/queries/compare.ts';

const site = { name: 'Toolshelf', locales: ['en'], locale: 'en' };
const names = { totalCount: 2, nodes: [{ name: 'Django', slug: 'django' }, { name: 'Flask', slug: 'flask' }] };
const at = (query: string) => new URL(`/compare${query}`, 'http://front.test');

function api(asked: unknown[] = []): Ask {
  return async (document, variables) => {
    const { tools } = variables as { tools: string[] };
    if ((document as unknown) === ToolNamesQuery) return { site, tools: names } as never;
    assert.equal(document, CompareQuery);
    asked.push(tools);
    const known = tools.every((slug) => slug === 'django' || slug === 'flask');
    return { site, compare: known ? { __typename: 'Comparison', id: 'compare:django,flask' } : null } as never;
  };
}

test('tools are named with commas, or as a form sends them', () => {
  for (const query of ['tools=django,flask', 'tools=django&tools=flask', 'tools=django,Flask,%20django,,flask']) {
    assert.deepEqual(slugsIn(new URLSearchParams(query)), ['django', 'flask']);
  }
  assert.deepEqual(slugsIn(new URLSearchParams('')), []);
});

test('one address for the same tools in the same order', () => {
  assert.equal(addressOf(['django', 'größe']), '/compare?tools=django,gr%C3%B6%C3%9Fe');
  assert.equal(addressOf(['django', 'flask'], '/de'), '/de/compare?tools=django,flask');
  assert.ok(isSettled(new URLSearchParams('tools=django,flask'), ['django', 'flask']));
  assert.ok(!isSettled(new URLSearchParams('tools=django&tools=flask'), ['django', 'flask']));
});

test('two tools stand side by side', async () => {
  const asked: unknown[] = [];
  const { view } = await viewAt(at('?tools=django,flask'), api(asked));
  assert.equal(view.kind, 'page');
  assert.deepEqual(asked, [['django', 'flask']]);
});

test('what a form sends leads to the address that can be shared', async () => {
  const { view } = await viewAt(at('?tools=django&tools=flask'), api());
  assert.deepEqual(view, { kind: 'redirect', to: '/compare?tools=django,flask', status: 302 });
});

test('with none or one tool the others are offered', async () => {
  for (const [query, problem] of [['', null], ['?tools=django', 'That is one tool: tick at least one more.']] as const) {
    const { view } = await viewAt(at(query), api());
    assert.equal(view.kind === 'choice' && view.problem, problem);
    assert.equal(statusOf(view), 200);
  }
});

test('seven tools are not asked for', async () => {
  const asked: unknown[] = [];
  const { view } = await viewAt(at('?tools=a,b,c,d,e,f,g'), api(asked));
  assert.match((view.kind === 'choice' && view.problem) || '', /^That is 7 tools/);
  assert.deepEqual(asked, []);
});

test('a tool that is not there is named', async () => {
  const { view } = await viewAt(at('?tools=django,zope'), api());
  assert.equal(view.kind === 'choice' && view.problem, 'We have no tool called “zope”.');
  assert.equal(statusOf(view), 404);
});
