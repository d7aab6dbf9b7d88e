import { SiteFields } from '../components/Layout.ts';
import { graphql } from '../lib/graphql.ts';

export const SiteQuery = graphql(
  `
    query Site {
      site {
        ...SiteFields
      }
    }
  `,
  [SiteFields],
);
