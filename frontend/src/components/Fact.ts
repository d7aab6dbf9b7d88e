import { graphql } from '../lib/graphql.ts';

export const FactFields = graphql(`
  fragment FactFields on Fact {
    state
    display
    qualifier
    sinceVersion
    untilVersion
    tool {
      name
      path
    }
    note
    sources {
      title
      url
    }
    verifiedOn
    staleOn
    lacksSource
  }
`);
