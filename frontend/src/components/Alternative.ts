import { graphql } from '../lib/graphql.ts';

export const AlternativeFields = graphql(`
  fragment AlternativeFields on Alternative {
    relation
    why
    tool {
      name
      path
      tagline
    }
  }
`);
