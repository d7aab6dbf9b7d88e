import { graphql } from '../lib/graphql.ts';

export const BylineFields = graphql(`
  fragment BylineFields on Article {
    path
    locale
    publishedAt
    readingMinutes
    authors {
      name
      slug
    }
  }
`);
