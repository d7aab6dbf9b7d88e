import { graphql } from '../lib/graphql.ts';

export const RelatedBlockFields = graphql(`
  fragment RelatedBlockFields on RelatedBlock {
    id
    heading
    pages {
      why
      page {
        title
        path
      }
    }
  }
`);
