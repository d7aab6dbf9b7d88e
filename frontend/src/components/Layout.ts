import { graphql } from '../lib/graphql.ts';

export const SiteFields = graphql(`
  fragment SiteFields on Site {
    name
    locales
    announcement
    navigation {
      label
      path
      children {
        label
        path
      }
    }
  }
`);
