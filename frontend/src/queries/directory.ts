// What the directory of tools can be filtered by; the tools that are left are asked for by `ToolsQuery`.
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
