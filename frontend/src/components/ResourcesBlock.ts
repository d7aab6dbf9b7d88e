import { graphql } from '../lib/graphql.ts';

export const ResourcesBlockFields = graphql(`
  fragment ResourcesBlockFields on ResourcesBlock {
    id
    heading
    resources {
      title
      kind
      note
      href
    }
  }
`);
