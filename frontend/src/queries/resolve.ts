import { PageFields } from '../components/Page.ts';
import { SiteFields } from '../components/Layout.ts';
import { graphql } from '../lib/graphql.ts';

export const ResolveQuery = graphql(
  `
    query Resolve($path: String!, $site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      resolve(path: $path, site: $site) {
        __typename
        ...PageFields
        ... on Redirect {
          to
          permanent
        }
      }
    }
  `,
  [PageFields, SiteFields],
);
