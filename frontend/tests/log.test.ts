import assert from 'node:assert/strict';
import { test } from 'node:test';

import { line, requestId } from '../src/lib/log.ts';

const answered = { requestId: 'one-line-0001', method: 'GET', path: '/tools/', status: 200, ms: 12.345, asked: 2 };

test('an id is kept if it is one', () => {
  for (const safe of ['0123abcd', 'a.b-c_'.repeat(10)]) assert.equal(requestId(safe), safe);
  for (const unsafe of [null, '', 'short', 'x'.repeat(65), 'with space', '0123456\n', '<script>1', 'né0123456']) {
    assert.match(requestId(unsafe), /^[0-9a-f-]{36}$/);
  }
});

test('a line says what was asked, answered and taken', () => {
  assert.deepEqual(JSON.parse(line(answered, new Date(0))), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    logger: 'frontend',
    request_id: 'one-line-0001',
    method: 'GET',
    path: '/tools/',
    status: 200,
    ms: 12.3,
    asked: 2,
  });
  assert.equal(JSON.parse(line({ ...answered, status: 503 })).level, 'error');
});

test('whatever is in the address a line stays one, and is not long', () => {
  const path = '/\r\nforged\u001b[31m\u009b\u2028\u007fü😀' + 'x'.repeat(1000);
  const found = line({ ...answered, path });
  assert.match(found, /^[\x20-\x7e]+$/);
  assert.equal(JSON.parse(found).path, path.slice(0, 500));
});

test('mail addresses are left out', () => {
  assert.equal(JSON.parse(line({ ...answered, path: '/ada@example.com/x' })).path, '/…/x');
});
