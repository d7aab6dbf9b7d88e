import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { buildSchema, isInterfaceType } from 'graphql';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const schema = buildSchema(read('../../api/schema.graphql'));
const block = schema.getType('Block');
assert.ok(isInterfaceType(block));
const names = schema.getPossibleTypes(block).map(({ name }) => name);

test('every block of the schema has a component and a fragment of its name, and both are used', () => {
  assert.ok(names.length >= 25);
  const components = read('../src/components/Blocks.astro');
  const fragments = read('../src/components/Blocks.ts');
  const missing = names.filter(
    (name) =>
      !existsSync(new URL(`../src/components/${name}.astro`, import.meta.url)) ||
      !components.includes(`case '${name}':\n        return <${name} block={block} />;`) ||
      !fragments.includes(`...${name}Fields`),
  );
  assert.deepEqual(missing, []);
});
