// How long shared caches may keep a page, and by which tags it is purged: from what the API said of every answer in it.

const NOT_KEPT = 'public, max-age=0, must-revalidate';
/** Seconds: a page tells how long ago a fact was checked, which is another sentence tomorrow. */
const LONGEST = 86_400;
/** Seconds, for a page without tags: no purge reaches it. */
const LONGEST_UNTAGGED = 60;
/** Seconds that a cache may show what it has while neither the CMS nor this site answers. */
const STALE_IF_ERROR = 86_400;
/**
 * Milliseconds that a page may take and still be kept. Caches are told of a change twice, the second time some 12 seconds
 * later: a page that took longer might hold an answer from before the change and reach the cache after both.
 */
const SLOWEST = 8_000;
/** Of the tags of one page, as in the API: Varnish takes 8 kB for a header. */
const MOST_LETTERS = 7_000;

/** One for each request of a reader. */
export class Keeping {
  readonly #tagHeader: string | undefined;
  readonly #separator: string;
  readonly #began = performance.now();
  readonly #tags = new Set<string>();
  #hasAnswers = false;
  #isTagged = true;
  #seconds = Infinity;
  #staleSeconds = Infinity;

  constructor(tagHeader: string | undefined) {
    this.#tagHeader = tagHeader;
    this.#separator = /^(edge-)?cache-tag$/i.test(tagHeader ?? '') ? ',' : ' ';
  }

  /** The headers of an answer that the page is made of. */
  note(headers: Headers): void {
    const control = headers.get('Cache-Control') ?? '';
    // A cache in front of the API may have kept it for a while already.
    const seconds = directive(control, 's-maxage') - Number(headers.get('Age') ?? 0);
    const isKept = !/\b(private|no-store|no-cache)\b/.test(control);
    this.#hasAnswers = true;
    this.#seconds = Math.min(this.#seconds, isKept ? seconds : 0);
    this.#staleSeconds = Math.min(this.#staleSeconds, directive(control, 'stale-while-revalidate'));
    const tags = this.#tagHeader ? words(headers.get(this.#tagHeader)) : [];
    for (const tag of tags) this.#tags.add(tag);
    this.#isTagged &&= tags.length > 0;
  }

  /** Those of the page. Browsers always ask. */
  headers(): Record<string, string> {
    const tags = this.#tagHeader ? collapsed(this.#tags) : [];
    const seconds = Math.floor(Math.min(this.#seconds, this.#tagHeader ? LONGEST : LONGEST_UNTAGGED));
    const isSlow = performance.now() - this.#began > SLOWEST;
    // A page that no purge would reach, although purges are relied on, is not kept at all.
    const isOutOfReach = this.#tagHeader && (!this.#isTagged || !tags);
    if (!this.#hasAnswers || !(seconds > 0) || isSlow || isOutOfReach) return { 'Cache-Control': NOT_KEPT };
    // Without a time for stale answers the API knows that something in this one expires just then.
    const stale = this.#staleSeconds
      ? `, stale-while-revalidate=${this.#staleSeconds}, stale-if-error=${STALE_IF_ERROR}`
      : '';
    return {
      'Cache-Control': `${NOT_KEPT}, s-maxage=${seconds}${stale}`,
      ...(this.#tagHeader && tags && { [this.#tagHeader]: tags.join(this.#separator) }),
    };
  }
}

function directive(control: string, name: string): number {
  return Number(new RegExp(`${name}=(\\d+)`).exec(control)?.[1] ?? 0);
}

function words(header: string | null): string[] {
  return header?.split(/[\s,]+/).filter(Boolean) ?? [];
}

/**
 * The tags in a header's length, as the API does it (docs/caching.md): where there are too many, those of one kind become
 * one, of the longest kind first. A change names that one with each tag of its kind. Null if they do not fit even so.
 */
function collapsed(tags: Set<string>): string[] | null {
  let found = [...tags].filter((tag) => tag.endsWith('-any') || !tags.has(`${kind(tag)}-any`));
  while (found.join(' ').length > MOST_LETTERS) {
    const sizes = new Map<string, number>();
    for (const tag of found) {
      const of = kind(tag);
      if (!tag.endsWith('-any')) sizes.set(of, (sizes.get(of) ?? 0) + tag.length);
    }
    const [largest] = [...sizes].sort(([, one], [, other]) => other - one)[0] ?? [];
    if (!largest) return null;
    found = [...found.filter((tag) => kind(tag) !== largest), `${largest}-any`];
  }
  return found.sort();
}

/** Empty for tags such as `all`, which stand for themselves. */
function kind(tag: string): string {
  return tag.slice(0, Math.max(0, tag.lastIndexOf('-')));
}
