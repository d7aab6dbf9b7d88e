import { SiteFields } from '../components/Layout.ts';
import { TopicFields } from '../components/Topic.ts';
import { graphql } from '../lib/graphql.ts';

export const TopicQuery = graphql(
  `
    query Topic($slug: String!) {
      site {
        ...SiteFields
      }
      topic(slug: $slug) {
        id
        ...TopicFields
      }
    }
  `,
  [SiteFields, TopicFields],
);
