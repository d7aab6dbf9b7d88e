import { graphql } from '../lib/graphql.ts';

export const UseCaseFields = graphql(`
  fragment UseCaseFields on UseCase {
    name
    description
  }
`);
