import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CmsUnavailable, QueryRefused, TokenRefused, asker } from '../src/lib/cms.ts';
import { SiteQuery } from '../src/queries/site.ts';

type Step = () => Response | Promise<Response>;

/** A CMS that takes one step per request and remembers what it was sent. */
function cms(...steps: Step[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const send = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    requests.push({ url: String(url), init });
    const step = steps[Math.min(requests.length, steps.length) - 1];
    if (!step) throw new Error('no step');
    return step();
  };
  return { requests, options: { fetch: send as typeof fetch, endpoint: 'http://cms.test/graphql', timeoutMs: 50 } };
}

const json = (body: unknown, status = 200): Step => () => Response.json(body, { status });
const data = { site: { name: 'Toolshelf' } };

test('an answer is handed over as it came, asked for once', async () => {
  const { requests, options } = cms(json({ data }));
  assert.deepEqual(await asker(options)(SiteQuery, {}), data);
  assert.equal(requests.length, 1);
  assert.equal(requests[0]?.url, 'http://cms.test/graphql');
  assert.match(String(requests[0]?.init.body), /query Site/);
});

test('every question names the site that is configured', async () => {
  const { requests, options } = cms(json({ data }));
  await asker({ ...options, site: 'other.example' })(SiteQuery, { locale: 'de' });
  await asker(options)(SiteQuery, { locale: 'de' });
  const variables = requests.map(({ init }) => (JSON.parse(String(init.body)) as { variables: unknown }).variables);
  assert.deepEqual(variables, [{ site: 'other.example', locale: 'de' }, { locale: 'de' }]);
});

test('only the token travels as a credential, and only when there is one', async () => {
  const { requests, options } = cms(json({ data }));
  await asker(options)(SiteQuery, {});
  await asker({ ...options, token: 'abc' })(SiteQuery, {});
  const [anonymous, previewing] = requests.map(({ init }) => new Headers(init.headers));
  assert.deepEqual([...(anonymous?.keys() ?? [])], ['accept', 'content-type']);
  assert.deepEqual([...(previewing?.keys() ?? [])], ['accept', 'authorization', 'content-type']);
  assert.equal(previewing?.get('authorization'), 'Bearer abc');
});

for (const [name, step] of Object.entries<Step>({
  'a refused connection': () => Promise.reject(new TypeError('fetch failed')),
  'a 503': json({}, 503),
  'a proxy page instead of JSON': () => new Response('<h1>Bad gateway</h1>', { status: 500 }),
})) {
  test(`${name} is tried once more`, async () => {
    const { requests, options } = cms(step, json({ data }));
    assert.deepEqual(await asker(options)(SiteQuery, {}), data);
    assert.equal(requests.length, 2);
  });

  test(`${name} twice is an unavailable CMS`, async () => {
    const { requests, options } = cms(step);
    await assert.rejects(asker(options)(SiteQuery, {}), CmsUnavailable);
    assert.equal(requests.length, 2);
  });
}

test('a CMS that never answers is given up after two time limits', async () => {
  const never: typeof fetch = (_url, init) =>
    new Promise((_resolve, reject) => {
      const hanging = setInterval(() => {}, 1000);
      init?.signal?.addEventListener('abort', () => {
        clearInterval(hanging);
        reject(init.signal?.reason as Error);
      });
    });
  const started = performance.now();
  await assert.rejects(asker({ fetch: never, timeoutMs: 40 })(SiteQuery, {}), CmsUnavailable);
  const took = performance.now() - started;
  assert.ok(took >= 75 && took < 1000, `took ${took} ms`);
});

test('a refused token keeps its code and is not tried again', async () => {
  const refusal = { errors: [{ message: 'Expired', extensions: { code: 'TOKEN_EXPIRED' } }] };
  const { requests, options } = cms(json(refusal, 401));
  await assert.rejects(asker({ ...options, token: 'secret-token' })(SiteQuery, {}), (error) => {
    assert.ok(error instanceof TokenRefused);
    assert.equal(error.code, 'TOKEN_EXPIRED');
    assert.ok(!error.message.includes('secret-token'));
    return true;
  });
  assert.equal(requests.length, 1);
});

test('errors beside data are a refused query: half an answer is not shown', async () => {
  const { requests, options } = cms(json({ data, errors: [{ message: 'No', extensions: { code: 'BAD_USER_INPUT' } }] }));
  await assert.rejects(asker(options)(SiteQuery, {}), (error) => {
    assert.ok(error instanceof QueryRefused);
    assert.deepEqual(error.codes, ['BAD_USER_INPUT']);
    return true;
  });
  assert.equal(requests.length, 1);
});
