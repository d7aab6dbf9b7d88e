import { SiteFields } from '../components/Layout.ts';
import { TopicFields } from '../components/Topic.ts';
import { graphql } from '../lib/graphql.ts';

export const TopicsQuery = graphql(
  `
    query Topics($after: String) {
      site {
        ...SiteFields
      }
      topics(first: 100, after: $after) {
        nodes {
          slug
          id
          ...TopicFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [SiteFields, TopicFields],
);
