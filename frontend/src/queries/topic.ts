import { SiteFields } from '../components/Layout.ts';
import { TopicFields } from '../components/Topic.ts';
import { graphql } from '../lib/graphql.ts';

export const TopicQuery = graphql(
  `
    query Topic($slug: String!, $site: String, $locale: String) {
      site(site: $site, locale: $locale) {
        ...SiteFields
      }
      topic(slug: $slug, site: $site, locale: $locale) {
        id
        ...TopicFields
      }
    }
  `,
  [SiteFields, TopicFields],
);
