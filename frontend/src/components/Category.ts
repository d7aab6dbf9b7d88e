import { graphql } from '../lib/graphql.ts';

export const CategoryFields = graphql(`
  fragment CategoryFields on Category {
    id
    name
    parent {
      name
    }
    children {
      name
    }
    slug
    locale
  }
`);
