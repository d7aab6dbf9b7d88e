import { graphql } from '../lib/graphql.ts';

export const PreviewBarFields = graphql(`
  fragment PreviewBarFields on Preview {
    status
    updatedAt
    expiresAt
  }
`);
