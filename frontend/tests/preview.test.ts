import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Ask, CmsUnavailable, QueryRefused, TokenRefused } from '../src/lib/cms.ts';
import { previewAnswer } from '../src/lib/preview.ts';
import { PreviewQuery, PreviewStatusQuery } from '../src/queries/preview.ts';
import { ResolveQuery } from '../src/queries/resolve.ts';

const OWN = 'http://front.test';
const TOKEN = 'Zm9vYmFyYmF6cXV4MTIz';

function post(fields: Record<string, string>, headers: Record<string, string> = {}): Request {
  return new Request(`${OWN}/preview`, {
    method: 'POST',
    headers: { origin: OWN, ...headers },
    body: new URLSearchParams(fields),
  });
}

/** An API that answers by document, and notes which token opened it. */
function api(answers: Map<unknown, unknown> | Error) {
  const tokens: string[] = [];
  const asked: [unknown, unknown][] = [];
  const ask = (token: string): Ask => {
    tokens.push(token);
    return async (document, variables) => {
      asked.push([document, variables]);
      if (answers instanceof Error) throw answers;
      return answers.get(document) as never;
    };
  };
  return { tokens, asked, options: { ownOrigins: [OWN], ask } };
}

const article = { __typename: 'Article', id: 'page:7', path: '/articles/python/' };
const opened = new Map<unknown, unknown>([
  [PreviewQuery, { site: { name: 'S' }, preview: { object: article, status: 'UNSAVED', userbar: '<aside>' } }],
  [PreviewStatusQuery, { preview: { status: 'UNSAVED' } }],
]);

test('a token without a path shows its own object, asked for in one query', async () => {
  const { tokens, asked, options } = api(opened);
  const answer = await previewAnswer(post({ token: TOKEN, path: '' }), options);
  assert.equal(answer.status, 200);
  assert.ok('shown' in answer);
  assert.deepEqual(answer.shown.view, { kind: 'page', page: article, lists: {} });
  assert.equal(answer.userbar, '<aside>');
  assert.deepEqual(tokens, [TOKEN]);
  assert.deepEqual(asked, [[PreviewQuery, {}]]);
});

test('another path is asked for with the same token, so that its world is the preview', async () => {
  const other = { __typename: 'Tool', id: 'page:9', path: '/tools/django/' };
  const { tokens, asked, options } = api(new Map([...opened, [ResolveQuery, { site: {}, resolve: other }]]));
  const answer = await previewAnswer(post({ token: TOKEN, path: '/tools/django/' }), options);
  assert.ok('shown' in answer);
  assert.deepEqual(answer.shown.view, { kind: 'page', page: other, lists: {} });
  assert.equal(answer.userbar, null, 'checks are for the page that is edited');
  assert.deepEqual(tokens, [TOKEN]);
  assert.deepEqual(asked, [
    [PreviewStatusQuery, {}],
    [ResolveQuery, { path: '/tools/django/' }],
  ]);
});

test('what has no page of its own and stands on none is shown as a specimen', async () => {
  const vendor = { __typename: 'Organization', id: 'organization:new-3', name: 'Fjord Labs' };
  const preview = { object: vendor, status: 'UNSAVED', userbar: null };
  const { options } = api(new Map<unknown, unknown>([[PreviewQuery, { site: { name: 'S' }, preview }]]));
  const answer = await previewAnswer(post({ token: TOKEN, path: '' }), options);
  assert.ok('shown' in answer);
  assert.deepEqual(answer.shown.view, { kind: 'specimen', object: vendor });
});

test('a path that is not there is a 404 inside the preview', async () => {
  const { options } = api(new Map([...opened, [ResolveQuery, { site: {}, resolve: null }]]));
  const answer = await previewAnswer(post({ token: TOKEN, path: '/nope/' }), options);
  assert.equal(answer.status, 404);
  assert.ok('shown' in answer && answer.shown.view.kind === 'missing');
});

test('a redirect that leads in a circle or to another host ends on a 404', async () => {
  for (const to of ['/round/', 'https://elsewhere.example/']) {
    const redirect = { __typename: 'Redirect', to, permanent: true };
    const { options } = api(new Map([...opened, [ResolveQuery, { site: {}, resolve: redirect }]]));
    const answer = await previewAnswer(post({ token: TOKEN, path: '/round/' }), options);
    assert.equal(answer.status, 404);
  }
});

test('an address of another host is not followed: the object itself is shown', async () => {
  for (const path of ['//elsewhere.example/', 'https://elsewhere.example/', '/\\elsewhere.example/']) {
    const { asked, options } = api(opened);
    await previewAnswer(post({ token: TOKEN, path }), options);
    assert.deepEqual(asked, [[PreviewQuery, {}]]);
  }
});

for (const origin of ['https://elsewhere.example', 'null', 'http://front.test.elsewhere.example']) {
  test(`a post from origin ${origin} is refused before the API is asked`, async () => {
    const { tokens, options } = api(opened);
    const answer = await previewAnswer(post({ token: TOKEN }, { origin }), options);
    assert.equal(answer.status, 403);
    assert.ok('problem' in answer && answer.problem.code === 'ORIGIN_REFUSED');
    assert.deepEqual(tokens, []);
  });
}

for (const [name, token] of Object.entries({ none: '', short: 'abc', 'with a line break': `${TOKEN}\r\nCookie: a=b`, long: 'a'.repeat(600) })) {
  test(`a token that cannot be one (${name}) is a 401 in words, and reaches no header`, async () => {
    const { tokens, options } = api(opened);
    const answer = await previewAnswer(post({ token }), options);
    assert.equal(answer.status, 401);
    assert.ok('problem' in answer && answer.problem.code === 'TOKEN_INVALID');
    assert.deepEqual(tokens, []);
  });
}

for (const [error, status, code] of [
  [new TokenRefused('TOKEN_EXPIRED'), 401, 'TOKEN_EXPIRED'],
  [new TokenRefused('TOKEN_INVALID'), 401, 'TOKEN_INVALID'],
  [new CmsUnavailable('away'), 503, 'CMS_UNAVAILABLE'],
] as const) {
  test(`${code} answers ${status} with a text for people`, async () => {
    const answer = await previewAnswer(post({ token: TOKEN }), api(error).options);
    assert.equal(answer.status, status);
    assert.ok('problem' in answer);
    assert.equal(answer.problem.code, code);
    assert.ok(answer.problem.text.length > 40);
  });
}

test('an API that knows the token but opens nothing with it is told as an invalid token', async () => {
  const answer = await previewAnswer(post({ token: TOKEN }), api(new Map([[PreviewQuery, { preview: null }]])).options);
  assert.equal(answer.status, 401);
});

test('a failure is logged without the token', async (context) => {
  const logged = context.mock.method(console, 'error', () => {});
  const answer = await previewAnswer(post({ token: TOKEN }), api(new QueryRefused('boom', ['INTERNAL'])).options);
  assert.equal(answer.status, 500);
  assert.equal(logged.mock.callCount(), 1);
  assert.ok(!JSON.stringify(logged.mock.calls).includes(TOKEN));
});
