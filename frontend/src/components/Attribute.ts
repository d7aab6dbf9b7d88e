import { graphql } from '../lib/graphql.ts';

export const AttributeFields = graphql(`
  fragment AttributeFields on Attribute {
    key
    label
    group
    unit
    description
    dataType
  }
`);
