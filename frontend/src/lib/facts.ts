// What a fact says in words, so that no reader depends on its colour or its mark.
import { ago, day, isoDay, shortDay } from './dates.ts';

export type FactState = 'YES' | 'PARTIAL' | 'NO' | 'UNKNOWN' | 'NOT_APPLICABLE';

const WORDS: Record<FactState, string> = {
  YES: 'Yes',
  PARTIAL: 'Partial',
  NO: 'No',
  UNKNOWN: 'Unknown',
  NOT_APPLICABLE: 'Not applicable',
};

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

export interface FactText {
  /** The state, to stand with its mark; null where a plain value says all there is: "BSD-3-Clause" is no Yes. */
  word: string | null;
  /** The value, where there is one beside the state. */
  value: string | null;
}

export function factText(state: FactState, display: string): FactText {
  const text = display.trim();
  const word = WORDS[state];
  // The API tells a fact without a value by its state, in these same words.
  const isEcho = text === '' || text.toLowerCase() === word.toLowerCase();
  const value = isEcho ? null : ISO_DAY.test(text) ? day(text) : text;
  return { word: state === 'YES' && value !== null ? null : word, value };
}

/** For which versions of the tool a fact holds; null for all of them. */
export function versions(since: string | null, until: string | null): string | null {
  if (since && until) return `From version ${since} to ${until}`;
  if (since) return `Since version ${since}`;
  return until ? `Until version ${until}` : null;
}

export interface Freshness {
  isStale: boolean;
  text: string;
}

/** When a fact was checked, and whether that was too long ago. From `staleOn` on, that day included, it is stale. */
export function freshness(verifiedOn: string | null, staleOn: string | null, today: Date = new Date()): Freshness | null {
  if (!verifiedOn) return null;
  const isStale = staleOn !== null && staleOn <= isoDay(today.toISOString());
  if (!isStale) return { isStale, text: `Checked ${shortDay(verifiedOn)}` };
  return { isStale, text: `Last checked ${ago(verifiedOn, today)}, on ${shortDay(verifiedOn)}` };
}

export interface Group<Item> {
  name: string | null;
  items: Item[];
}

/** Keeps the order of items and, between groups, of their first items. */
export function grouped<Item>(items: readonly Item[], nameOf: (item: Item) => string | null): Group<Item>[] {
  const groups = new Map<string | null, Item[]>();
  for (const item of items) {
    const name = nameOf(item) || null;
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return Array.from(groups, ([name, members]) => ({ name, items: members }));
}
