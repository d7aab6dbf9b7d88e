import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ago, day, isoDay, moment, shortDay } from '../src/lib/dates.ts';

test('a calendar day is the same day wherever the server stands', () => {
  const zone = process.env.TZ;
  try {
    for (const away of ['Pacific/Auckland', 'America/Los_Angeles']) {
      process.env.TZ = away;
      assert.equal(day('2026-11-23'), '23 November 2026');
      assert.equal(shortDay('2026-11-23'), '23 Nov 2026');
      assert.equal(isoDay('2026-11-23T23:30:00Z'), '2026-11-23');
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test('a moment with an offset is told in UTC and says so', () => {
  assert.equal(moment('2026-11-23T19:05:00+01:00'), '23 November at 18:05 UTC');
});

test('how long ago is told in the unit that people would use', () => {
  const today = new Date('2026-11-27T23:00:00Z');
  assert.equal(ago('2026-11-27', today), '0 days ago');
  assert.equal(ago('2026-11-26', today), '1 day ago');
  assert.equal(ago('2026-10-01', today), '57 days ago');
  assert.equal(ago('2026-09-20', today), '2 months ago');
  assert.equal(ago('2025-09-25', today), '14 months ago');
  assert.equal(ago('2023-11-20', today), '3 years ago');
});
