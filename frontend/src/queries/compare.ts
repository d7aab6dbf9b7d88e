import { SiteFields } from '../components/Layout.ts';
import { PageFields } from '../components/Page.ts';
import { graphql } from '../lib/graphql.ts';

export const CompareQuery = graphql(
  `
    query Compare($tools: [String!]!, $site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      compare(tools: $tools, site: $site, locale: $locale) {
        id
        ...PageFields
      }
    }
  `,
  [PageFields, SiteFields],
);

// By name; more than these are found in the directory.
export const ToolNamesQuery = graphql(
  `
    query ToolNames($site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      tools(first: 100, site: $site, locale: $locale, order: NAME_ASC) {
        totalCount
        nodes {
          name
          slug
        }
      }
    }
  `,
  [SiteFields],
);
