import { graphql } from '../lib/graphql.ts';

export const CreditFields = graphql(`
  fragment CreditFields on Article {
    credits {
      role
      person {
        name
        slug
      }
    }
    reviewer {
      name
      slug
    }
  }
`);
