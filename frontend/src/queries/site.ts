import { SiteFields } from '../components/Layout.ts';
import { graphql } from '../lib/graphql.ts';

export const SiteQuery = graphql(
  `
    query Site($site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
    }
  `,
  [SiteFields],
);
