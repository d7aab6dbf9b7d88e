import { graphql } from '../lib/graphql.ts';

export const ComparisonIndexFields = graphql(`
  fragment ComparisonIndexFields on ComparisonIndex {
    title
    path
    intro
  }
`);
