import { graphql } from '../lib/graphql.ts';

export const QuoteBlockFields = graphql(`
  fragment QuoteBlockFields on QuoteBlock {
    text
    attribution
    sourceUrl
  }
`);
