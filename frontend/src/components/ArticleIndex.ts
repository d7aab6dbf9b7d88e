import { graphql } from '../lib/graphql.ts';

export const ArticleIndexFields = graphql(`
  fragment ArticleIndexFields on ArticleIndex {
    title
    path
    intro
  }
`);
