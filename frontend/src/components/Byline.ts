import { graphql } from '../lib/graphql.ts';

export const BylineFields = graphql(`
  fragment BylineFields on Article {
    publishedAt
    readingMinutes
    authors {
      name
      slug
    }
  }
`);
