import { graphql } from '../lib/graphql.ts';

export const HeadingBlockFields = graphql(`
  fragment HeadingBlockFields on HeadingBlock {
    text
    level
    anchor
  }
`);
