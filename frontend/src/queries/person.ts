import { SiteFields } from '../components/Layout.ts';
import { PersonFields } from '../components/Person.ts';
import { graphql } from '../lib/graphql.ts';

export const PersonQuery = graphql(
  `
    query Person($slug: String!, $site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      person(slug: $slug, site: $site) {
        id
        ...PersonFields
      }
    }
  `,
  [PersonFields, SiteFields],
);
