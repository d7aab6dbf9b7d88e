// `/compare?tools=django,flask`: which tools an address names, and what is wrong with them.

export const FEWEST = 2;
export const MOST = 6;

/** The slugs, each once; `?tools=a&tools=b`, as a form sends it, is the same as `?tools=a,b`. */
export function slugsIn(address: URLSearchParams): string[] {
  const named = address.getAll('tools').flatMap((value) => value.split(','));
  return [...new Set(named.map((slug) => slug.trim().toLowerCase()).filter(Boolean))];
}

export function addressOf(slugs: readonly string[], prefix = ''): string {
  return `${prefix}/compare?tools=${slugs.map(encodeURIComponent).join(',')}`;
}

/** Whether the address is the one under which these tools are compared. */
export function isSettled(address: URLSearchParams, slugs: readonly string[]): boolean {
  return address.getAll('tools').length <= 1 && (address.get('tools') ?? '') === slugs.join(',');
}
