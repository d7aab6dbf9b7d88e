import { SiteFields } from '../components/Layout.ts';
import { PersonFields } from '../components/Person.ts';
import { graphql } from '../lib/graphql.ts';

export const PersonQuery = graphql(
  `
    query Person($slug: String!) {
      site {
        ...SiteFields
      }
      person(slug: $slug) {
        id
        ...PersonFields
      }
    }
  `,
  [PersonFields, SiteFields],
);
