// A comparison as a file: every cell with its sources.
import { graphql } from '../lib/graphql.ts';

const ComparisonFileFields = graphql(`
  fragment ComparisonFileFields on Comparison @_unmask {
    title
    slug
    path
    locale
    updatedAt
    tools {
      name
      slug
      path
    }
    matrix {
      attribute {
        key
        label
        description
        group
        dataType
        unit
      }
      cells {
        tool {
          name
          slug
        }
        override {
          text
          reason
        }
        fact {
          state
          display
          qualifier
          note
          sinceVersion
          untilVersion
          number
          money {
            amount
            currency
          }
          date
          version
          url
          verifiedOn
          staleOn
          sources {
            title
            url
          }
        }
      }
    }
  }
`);

export const ComparisonFileQuery = graphql(
  `
    query ComparisonFile($path: String!, $site: String) {
      site(site: $site) {
        url
      }
      resolve(path: $path, site: $site) {
        __typename
        ...ComparisonFileFields
        ... on Redirect {
          to
          permanent
        }
      }
    }
  `,
  [ComparisonFileFields],
);

export const ComposedFileQuery = graphql(
  `
    query ComposedFile($tools: [String!]!, $site: String, $locale: String) {
      site(site: $site) {
        url
      }
      compare(tools: $tools, site: $site, locale: $locale) {
        ...ComparisonFileFields
      }
    }
  `,
  [ComparisonFileFields],
);
