import { graphql } from '../lib/graphql.ts';

export const ProsConsBlockFields = graphql(`
  fragment ProsConsBlockFields on ProsConsBlock {
    id
    heading
    pros
    cons
  }
`);
