import { PersonFields } from '../components/Person.ts';
import { SiteFields } from '../components/Layout.ts';
import { graphql } from '../lib/graphql.ts';

export const PeopleQuery = graphql(
  `
    query People($after: String) {
      site {
        ...SiteFields
      }
      people(first: 100, after: $after) {
        nodes {
          slug
          id
          ...PersonFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [PersonFields, SiteFields],
);
