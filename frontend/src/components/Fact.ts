import { graphql } from '../lib/graphql.ts';

export const FactFields = graphql(`
  fragment FactFields on Fact {
    state
    display
    qualifier
    note
    sources {
      title
      url
    }
    verifiedOn
    staleOn
  }
`);
