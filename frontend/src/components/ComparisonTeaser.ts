import { graphql } from '../lib/graphql.ts';

export const ComparisonTeaserFields = graphql(`
  fragment ComparisonTeaserFields on Comparison {
    title
    path
    intro
    updatedAt
    tools {
      name
    }
  }
`);
