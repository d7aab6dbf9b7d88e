// What is said to crawlers (RFC 9309): everything may be read but drafts and searches, which have no end.
const CLOSED = ['/preview$', '/search$', '/search?', '/*/search$', '/*/search?'];

export function robots(origin: string): string {
  const rules = CLOSED.map((path) => `Disallow: ${path}\n`).join('');
  return `User-agent: *\n${rules}Allow: /\n\nSitemap: ${origin}/sitemap.xml\n`;
}
