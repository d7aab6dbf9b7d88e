import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nameOfLanguage } from '../src/lib/languages.ts';

test('a language is named as its speakers name it', () => {
  assert.deepEqual(['en', 'de', 'fr', 'pt-br'].map(nameOfLanguage), ['English', 'Deutsch', 'Français', 'Português (Brasil)']);
});
