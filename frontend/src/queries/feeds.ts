// What feeds hold.
import { graphql } from '../lib/graphql.ts';

const FeedFactFields = graphql(`
  fragment FeedFactFields on Fact @_unmask {
    id
    state
    display
    qualifier
    note
    verifiedOn
    attribute {
      label
    }
    sources {
      title
      url
    }
  }
`);

export const ArticleFeedQuery = graphql(`
  query ArticleFeed($site: String, $locale: String) {
    site(site: $site, locale: $locale) {
      name
      url
      publisher
      locale
      locales
    }
    articles(first: 30, site: $site, locale: $locale, order: PUBLISHED_DESC) {
      nodes {
        id
        title
        path
        publishedAt
        updatedAt
        shortAnswer
        dek
        authors {
          name
          seo {
            canonicalUrl
          }
        }
        topics {
          name
        }
      }
    }
  }
`);

export const ChangesFeedQuery = graphql(
  `
    query ChangesFeed($path: String!, $site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        name
        url
        publisher
      }
      resolve(path: $path, site: $site) {
        __typename
        ... on Redirect {
          to
          permanent
        }
        ... on Tool {
          id
          path
          locale
          name
          facts {
            ...FeedFactFields
          }
        }
        ... on Comparison {
          id
          path
          locale
          title
          corrections {
            on
            text
          }
          matrix {
            cells {
              tool {
                name
              }
              fact {
                ...FeedFactFields
              }
            }
          }
        }
      }
    }
  `,
  [FeedFactFields],
);
