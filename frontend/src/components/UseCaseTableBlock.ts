import { graphql } from '../lib/graphql.ts';

export const UseCaseTableBlockFields = graphql(`
  fragment UseCaseTableBlockFields on UseCaseTableBlock {
    id
    caption
    useCases {
      useCase
      delivers
      tools {
        name
        path
      }
    }
  }
`);
