import { graphql } from '../lib/graphql.ts';

export const LeadBlockFields = graphql(`
  fragment LeadBlockFields on LeadBlock {
    text
  }
`);
