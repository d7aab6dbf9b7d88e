import { graphql } from '../lib/graphql.ts';

export const CorrectionFields = graphql(`
  fragment CorrectionFields on Correction {
    on
    text
  }
`);
