// Prints the manifest of trusted documents: every query of src/queries/ as cms.ts sends it, under the SHA-256 of its text.
import { readdir } from 'node:fs/promises';

import { id, text } from './src/lib/cms.ts';

const folder = new URL('./src/queries/', import.meta.url);
const manifest: Record<string, string> = {};
for (const file of (await readdir(folder)).sort()) {
  const module: Record<string, unknown> = await import(new URL(file, folder).href);
  for (const document of Object.values(module)) {
    if (isQuery(document)) manifest[id(document)] = text(document);
  }
}
console.log(JSON.stringify(manifest, null, 2));

/** A document to send, and no fragment for others. */
function isQuery(value: unknown): value is { definitions: { kind: string }[] } {
  const definitions = (value as { definitions?: { kind: string }[] } | null)?.definitions;
  return definitions?.some((each) => each.kind === 'OperationDefinition') ?? false;
}
