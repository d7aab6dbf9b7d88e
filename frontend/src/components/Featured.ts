import { graphql } from '../lib/graphql.ts';

export const FeaturedFields = graphql(`
  fragment FeaturedFields on Page {
    __typename
    title
    path
    seo {
      description
    }
  }
`);
