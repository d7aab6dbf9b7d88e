// What readers call a type of page.
const KINDS: Record<string, [one: string, many: string]> = {
  Article: ['Article', 'Articles'],
  Tool: ['Tool', 'Tools'],
  Comparison: ['Comparison', 'Comparisons'],
  ArticleIndex: ['List', 'Lists'],
  ToolIndex: ['List of tools', 'Lists of tools'],
  ComparisonIndex: ['List of comparisons', 'Lists of comparisons'],
  StandardPage: ['About this site', 'About this site'],
  Home: ['Front page', 'Front page'],
};

export function kind(typename: string, count = 1): string {
  return KINDS[typename]?.[count === 1 ? 0 : 1] ?? typename;
}
