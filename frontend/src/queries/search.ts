import { SiteFields } from '../components/Layout.ts';
import { graphql } from '../lib/graphql.ts';

export const SearchQuery = graphql(
  `
    query Search($query: String!, $types: [String!], $topic: ID, $after: String, $site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      search(query: $query, types: $types, topic: $topic, first: 20, after: $after, site: $site, locale: $locale) {
        totalCount
        match
        correction
        types {
          type
          count
        }
        topics {
          count
          topic {
            id
            name
            slug
          }
        }
        nodes {
          highlights
          page {
            __typename
            title
            path
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [SiteFields],
);

// What to offer where nothing was found, or nothing was asked yet.
export const WhereToBeginQuery = graphql(
  `
    query WhereToBegin($site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      topics(first: 20, site: $site, locale: $locale) {
        nodes {
          name
          slug
        }
      }
      articles(first: 5, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          title
          path
        }
      }
    }
  `,
  [SiteFields],
);
