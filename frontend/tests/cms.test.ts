import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { CmsUnavailable, QueryRefused, TokenRefused, asker, id, text } from '../src/lib/cms.ts';
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

/** The variables that a request by GET carries. */
function variablesOf({ url }: { url: string }): unknown {
  return JSON.parse(new URL(url).searchParams.get('variables') ?? 'null');
}

const notTrusted = json({ errors: [{ message: 'Unknown', extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }] }, 403);

test('an answer is handed over as it came, asked for once, by the id of the text and by GET', async () => {
  const { requests, options } = cms(json({ data }));
  assert.deepEqual(await asker(options)(SiteQuery, { locale: 'de' }), data);
  assert.equal(requests.length, 1);
  const { origin, pathname, searchParams } = new URL(requests[0]?.url ?? '');
  assert.equal(origin + pathname, 'http://cms.test/graphql');
  assert.deepEqual(Object.fromEntries(searchParams), { documentId: id(SiteQuery), variables: '{"locale":"de"}' });
  assert.equal(requests[0]?.init.method ?? 'GET', 'GET');
  assert.equal(requests[0]?.init.body, undefined);
});

test('the id is the SHA-256 of the text', () => {
  assert.equal(id(SiteQuery), `sha256:${createHash('sha256').update(text(SiteQuery)).digest('hex')}`);
});

test('a CMS that does not know the id yet is sent the text', async () => {
  const { requests, options } = cms(notTrusted, json({ data }));
  assert.deepEqual(await asker(options)(SiteQuery, { locale: 'de' }), data);
  assert.equal(requests.length, 2);
  assert.equal(requests[1]?.url, 'http://cms.test/graphql');
  assert.equal(requests[1]?.init.method, 'POST');
  assert.deepEqual(JSON.parse(String(requests[1]?.init.body)), { query: text(SiteQuery), variables: { locale: 'de' } });
});

test('a CMS that does not know the text either is refused in words that say what to run', async () => {
  const { requests, options } = cms(notTrusted);
  await assert.rejects(asker(options)(SiteQuery, {}), (error) => {
    assert.ok(error instanceof QueryRefused);
    assert.match(error.message, /npm run --silent manifest .* trust_documents manifest\.json/);
    return true;
  });
  assert.equal(requests.length, 2);
});

test('what is too long for an address is posted at once', async () => {
  const { requests, options } = cms(json({ data }));
  await asker(options)(SiteQuery, { locale: 'x'.repeat(5_700) });
  await asker(options)(SiteQuery, { locale: 'x'.repeat(6_000) });
  assert.deepEqual(requests.map(({ init }) => init.method ?? 'GET'), ['GET', 'POST']);
});

test('every question names the site that is configured', async () => {
  const { requests, options } = cms(json({ data }));
  await asker({ ...options, site: 'other.example' })(SiteQuery, { locale: 'de' });
  await asker(options)(SiteQuery, { locale: 'de' });
  assert.deepEqual(requests.map(variablesOf), [{ site: 'other.example', locale: 'de' }, { locale: 'de' }]);
});

test('only the token travels as a credential, only when there is one, and never in a request that caches keep', async () => {
  const { requests, options } = cms(json({ data }));
  await asker(options)(SiteQuery, {});
  await asker({ ...options, token: 'abc' })(SiteQuery, {});
  const [anonymous, previewing] = requests.map(({ init }) => new Headers(init.headers));
  assert.deepEqual([...(anonymous?.keys() ?? [])], ['accept']);
  assert.deepEqual([...(previewing?.keys() ?? [])], ['accept', 'authorization', 'content-type']);
  assert.equal(previewing?.get('authorization'), 'Bearer abc');
  assert.deepEqual(requests.map(({ init }) => init.method ?? 'GET'), ['GET', 'POST']);
});

test('whoever asks hears the headers of answers and of refusals', async () => {
  const refusal = { errors: [{ message: 'No', extensions: { code: 'BAD_USER_INPUT' } }] };
  const headers = (control: string) => ({ headers: { 'Cache-Control': control } });
  const { options } = cms(
    () => Response.json({ data }, headers('s-maxage=60')),
    () => Response.json(refusal, headers('private, no-store')),
  );
  const heard: (string | null)[] = [];
  const ask = asker({ ...options, note: (each) => heard.push(each.get('Cache-Control')) });
  await ask(SiteQuery, {});
  await assert.rejects(ask(SiteQuery, {}), QueryRefused);
  assert.deepEqual(heard, ['s-maxage=60', 'private, no-store']);
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

test('the CMS is told the id of the request, if there is one', async () => {
  const { requests, options } = cms(json({ data }));
  await asker({ ...options, requestId: 'one-line-0001' })(SiteQuery, {});
  await asker(options)(SiteQuery, {});
  assert.deepEqual(requests.map(({ init }) => new Headers(init.headers).get('x-request-id')), ['one-line-0001', null]);
});
