import { graphql } from '../lib/graphql.ts';

export const SpecimenFields = graphql(`
  fragment SpecimenFields on Node {
    __typename
    id
    ... on Organization {
      name
      website
      description
    }
    ... on UseCase {
      name
      description
    }
    ... on Disclosure {
      text
    }
  }
`);
