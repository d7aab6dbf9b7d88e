import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Feed, atom, tagOf } from '../src/lib/atom.ts';

const feed: Feed = {
  id: 'tag:front.test,2026:articles/en',
  title: 'Shelf & "Co"',
  subtitle: 'All',
  self: 'https://front.test/feed.xml',
  link: 'https://front.test/',
  language: 'en',
  author: 'Us',
  entries: [],
};
const entry = { id: 'tag:front.test,2026:1', title: 'One', link: 'https://front.test/one/', updated: '2026-11-20' };

test('text is escaped, and what no XML may hold is left out', () => {
  const title = ']]> <b>&\u0000\u000b\ud800\uffff 🐍';
  const text = atom({ ...feed, entries: [{ ...entry, title, summary: '<script>' }] });
  assert.ok(text.includes('<title>Shelf &amp; &quot;Co&quot;</title>'));
  assert.ok(text.includes('<title>]]&gt; &lt;b&gt;&amp; 🐍</title>'));
  assert.ok(text.includes('<summary>&lt;script&gt;</summary>'));
});

test('a feed was updated when its newest entry was, in whatever form the time is told', () => {
  const updated = ['2026-11-20', '2026-11-21T23:30:00.123456-02:00', '2026-11-21T10:00:00Z'];
  const text = atom({ ...feed, entries: updated.map((moment) => ({ ...entry, updated: moment })) });
  const moments = [...text.matchAll(/<updated>(.*?)<\/updated>/g)].map(([, moment]) => moment);
  const [newest, ...each] = moments;
  assert.equal(newest, '2026-11-22T01:30:00Z');
  assert.deepEqual(each, ['2026-11-20T00:00:00Z', '2026-11-22T01:30:00Z', '2026-11-21T10:00:00Z']);
  assert.ok(atom(feed).includes('<updated>1970-01-01T00:00:00Z</updated>'));
});

test('an entry names its authors, and the feed one for those that have none', () => {
  const authors = [{ name: 'Ada', uri: 'https://front.test/people/ada/' }];
  const text = atom({ ...feed, entries: [{ ...entry, authors }] });
  assert.ok(text.includes('<author><name>Us</name></author>'));
  assert.ok(text.includes('<author><name>Ada</name><uri>https://front.test/people/ada/</uri></author>'));
});

test('an id is the one of the API, whatever the port and the path of the site', () => {
  assert.equal(tagOf({ url: 'https://front.test:8443' }, 'page:1'), 'tag:front.test,2026:page:1');
});
