import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readConfig } from '../src/lib/config.ts';

test('an empty environment is the development set-up, with both spellings of loopback', () => {
  assert.deepEqual(readConfig({}), {
    endpoint: 'http://127.0.0.1:8000/graphql',
    ownOrigins: ['http://127.0.0.1:4321', 'http://localhost:4321'],
    adminOrigins: ['http://127.0.0.1:8000', 'http://localhost:8000'],
    mediaOrigins: [],
    timeoutMs: 4000,
    site: undefined,
    tagHeader: undefined,
  });
});

test('named admin origins replace the address by which this server reaches the CMS', () => {
  const config = readConfig({
    CMS_URL: 'http://cms.internal:8000/',
    FRONTEND_URL: 'https://shelf.example/',
    CMS_ORIGINS: ' https://admin.shelf.example  https://admin2.shelf.example/admin/ ',
    MEDIA_ORIGINS: 'https://media.shelf.example',
  });
  assert.equal(config.endpoint, 'http://cms.internal:8000/graphql');
  assert.deepEqual(config.ownOrigins, ['https://shelf.example']);
  assert.deepEqual(config.adminOrigins, ['https://admin.shelf.example', 'https://admin2.shelf.example']);
  assert.deepEqual(config.mediaOrigins, ['https://media.shelf.example']);
});

test('a CMS under a path is asked there', () => {
  assert.equal(readConfig({ CMS_URL: 'https://shelf.example/cms' }).endpoint, 'https://shelf.example/cms/graphql');
});

test('an address that is none stops the start and says which variable holds it', () => {
  assert.throws(() => readConfig({ CMS_ORIGINS: 'admin.shelf.example' }), {
    message: 'CMS_ORIGINS holds "admin.shelf.example", not an address such as https://example.org',
  });
  assert.throws(() => readConfig({ FRONTEND_URL: 'ftp://shelf.example' }), /^Error: FRONTEND_URL holds/);
  assert.throws(() => readConfig({ CACHE_TAG_HEADER: 'Cache Tag' }), /^Error: CACHE_TAG_HEADER is "Cache Tag"/);
  assert.throws(() => readConfig({ CMS_TIMEOUT_MS: 'soon' }), /^Error: CMS_TIMEOUT_MS is "soon"/);
});
