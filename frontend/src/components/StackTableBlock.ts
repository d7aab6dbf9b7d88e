import { graphql } from '../lib/graphql.ts';

export const StackTableBlockFields = graphql(`
  fragment StackTableBlockFields on StackTableBlock {
    id
    caption
    stacks {
      stack
      excelsAt
      typicalFit
    }
  }
`);
