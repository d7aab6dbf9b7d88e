// The filters of the directory in its address: `?category=web-frameworks&lifecycle=active&fact-licence=MIT`.
import type { ResultOf } from './graphql.ts';
import type { FiltersQuery } from '../queries/directory.ts';

export type Filters = ResultOf<typeof FiltersQuery>;

export const LIFECYCLES = {
  active: { value: 'ACTIVE', label: 'Active' },
  maintenance: { value: 'MAINTENANCE', label: 'Maintained only' },
  deprecated: { value: 'DEPRECATED', label: 'Deprecated' },
  'end-of-life': { value: 'END_OF_LIFE', label: 'End of life' },
} as const;

type Lifecycle = keyof typeof LIFECYCLES;

export interface Chosen {
  /** The slug of a category. */
  category: string | null;
  lifecycle: Lifecycle | null;
  /** Answers by the keys of their attributes. */
  facts: Record<string, string>;
}

export interface ToolFilter {
  category?: string;
  lifecycle?: (typeof LIFECYCLES)[Lifecycle]['value'];
  facts?: { attribute: string; display: string }[];
}

/** What is chosen in an address; what the directory does not offer is left out. */
export function chosenIn(address: URLSearchParams, filters: Filters): Chosen {
  const lifecycle = address.get('lifecycle') ?? '';
  const facts: Record<string, string> = {};
  for (const { attribute } of filters.toolFacets) {
    const answer = address.get(`fact-${attribute.key}`)?.trim();
    if (answer) facts[attribute.key] = answer;
  }
  return {
    category: address.get('category') || null,
    lifecycle: Object.hasOwn(LIFECYCLES, lifecycle) ? (lifecycle as Lifecycle) : null,
    facts,
  };
}

export function isAny({ category, lifecycle, facts }: Chosen): boolean {
  return Boolean(category || lifecycle || Object.keys(facts).length);
}

/** What to ask the API for; null where nothing can be found, since there is no such category. */
export function filterOf(chosen: Chosen, filters: Filters): ToolFilter | null {
  const category = filters.categories.nodes.find(({ slug }) => slug === chosen.category);
  if (chosen.category && !category) return null;
  const facts = Object.entries(chosen.facts).map(([attribute, display]) => ({ attribute, display }));
  return {
    ...(category && { category: category.id }),
    ...(chosen.lifecycle && { lifecycle: LIFECYCLES[chosen.lifecycle].value }),
    ...(facts.length > 0 && { facts }),
  };
}

/** The address of a choice, to go on from its first page. */
export function queryOf({ category, lifecycle, facts }: Chosen): URLSearchParams {
  const query = new URLSearchParams();
  if (category) query.set('category', category);
  if (lifecycle) query.set('lifecycle', lifecycle);
  for (const [key, answer] of Object.entries(facts)) query.set(`fact-${key}`, answer);
  return query;
}
