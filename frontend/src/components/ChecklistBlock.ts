import { graphql } from '../lib/graphql.ts';

export const ChecklistBlockFields = graphql(`
  fragment ChecklistBlockFields on ChecklistBlock {
    id
    heading
    points
  }
`);
