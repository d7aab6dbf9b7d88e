// Text for XML 1.0.

// What no XML document may hold, however it is written: control characters, halves of surrogate pairs, non-characters.
const IMPOSSIBLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** For the content of elements and for attributes in either kind of quotes. */
export function escaped(text: string): string {
  return text.replace(IMPOSSIBLE, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** An element; null and empty content leave it out. */
export function element(name: string, content: string | null | undefined): string {
  return content ? `<${name}>${escaped(content)}</${name}>` : '';
}
