// The directory of tools: what it can be filtered by, and the tools that are left.
import { ToolTeaserFields } from '../components/ToolTeaser.ts';
import { graphql } from '../lib/graphql.ts';

export const FiltersQuery = graphql(`
  query Filters($site: String, $locale: String) {
    categories(first: 100, site: $site, locale: $locale) {
      nodes {
        id
        name
        slug
        parent {
          name
        }
      }
    }
    toolFacets(site: $site, locale: $locale) {
      attribute {
        key
        label
      }
      answers {
        display
        count
      }
    }
  }
`);

export const DirectoryQuery = graphql(
  `
    query Directory($after: String, $filter: ToolFilter, $site: String, $locale: String) {
      tools(first: 60, after: $after, filter: $filter, site: $site, locale: $locale, order: NAME_ASC) {
        totalCount
        nodes {
          ...ToolTeaserFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ToolTeaserFields],
);
